/** Light or dark: as the system says, unless the visitor chose. */

import { recall, remember } from './memory';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const REMEMBERED = 'theme';

export function chosenTheme(): Theme {
  const chosen = recall(REMEMBERED);
  return THEMES.find((theme) => theme === chosen) ?? 'system';
}

/** Show the page in this theme, and come back to it next time. */
export function chooseTheme(theme: Theme): void {
  remember(REMEMBERED, theme);
  showChosenTheme();
}

export function showChosenTheme(): void {
  document.documentElement.dataset.theme = chosenTheme();
}
