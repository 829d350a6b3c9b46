/** Drawing a view anew without taking away what a finger is on. */

/** How each part looked when it was drawn: what was done to it since, such as a question that opened, is no other part. */
const DRAWN = new WeakMap<Element, string>();

/**
 * Make the children of `holder` what `wanted` is. A part that was drawn just so stays the element it was, with its focus
 * and a tap under way; of one with the same `data-part` the children are renewed in their turn. So what a part's buttons
 * act on must show in its markup.
 */
export function renew(holder: Element, wanted: readonly HTMLElement[]): void {
  const before = new Set(holder.children);
  const parts = wanted.map((part) => {
    const same = [...before].find((old) => DRAWN.get(old) === part.outerHTML);
    const found = same ?? [...before].find((old) => isKin(old, part));
    if (found) before.delete(found);
    return { part, found, same };
  });
  for (const old of before) old.remove();
  for (const [place, { part, found, same }] of parts.entries()) {
    if (found && !same) renew(found, childrenOf(part));
    const kept = found ?? part;
    if (!same) note(kept, part.outerHTML);
    if (holder.children[place] !== kept) holder.insertBefore(kept, holder.children[place] ?? null);
  }
}

function note(part: Element, drawn: string): void {
  DRAWN.set(part, drawn);
  if (!part.hasAttribute('data-part')) return;
  for (const child of part.children) if (!DRAWN.has(child)) note(child, child.outerHTML);
}

const childrenOf = (part: Element): HTMLElement[] => [...part.children] as HTMLElement[];

function isKin(old: Element, { dataset: { part }, className }: HTMLElement): boolean {
  return part !== undefined && old.getAttribute('data-part') === part && old.className === className;
}
