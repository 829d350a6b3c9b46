/**
 * The key of a planner, as this tab alone knows it: gone when the tab is closed, in no address and no cookie, sent to
 * our own server only.
 */

const nameOf = (slug: string): string => `safeaudit-key:${slug}`;

export const keyOf = (slug: string): string | null => sessionStorage.getItem(nameOf(slug));

export const keepKey = (slug: string, key: string): void => sessionStorage.setItem(nameOf(slug), key);

export const forgetKey = (slug: string): void => sessionStorage.removeItem(nameOf(slug));

/** The header that shows the key of a city, or none. */
export function authorization(slug: string): Record<string, string> {
  const key = keyOf(slug);
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}
