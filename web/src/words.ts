/**
 * Every word about data that the page says, in one place, so that a translation replaces this module alone.
 * They speak of places and of what these need, never of bad areas or of people.
 */

const NEEDS: Record<string, string> = {
  lighting: 'light',
  openness: 'open views',
  visibility: 'eyes on the street',
  people: 'people around',
  security: 'someone in charge nearby',
  walk_path: 'walk path',
  transport: 'public transport',
  gender_usage: 'women among the people around',
};

const STANDINGS: Record<string, string> = {
  severe: 'Far below the city as a whole',
  hot: 'Clearly below the city as a whole',
  watch: 'Slightly below the city as a whole',
  none: 'No clear difference from the city as a whole',
  cold: 'Clearly above the city as a whole',
};

const TRENDS: Record<string, string> = {
  new: 'New since the last quarter',
  worse: 'Getting worse',
  same: 'Unchanged',
  better: 'Getting better',
  too_short: 'Too early to tell a trend',
};

const STATUSES: Record<string, string> = {
  open: 'No work is planned here yet',
  planned: 'Work is planned here',
  requested: 'Work has been requested',
  done: 'Work has been done',
};

/** The parts of the day, as the tail of a sentence. */
export const HOURS = { all: 'at all hours', day: 'by day', night: 'by night' } as const;

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const oneDecimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const month = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });

export const scoreText = (score: number): string => oneDecimal.format(score);

export const countText = (count: number): string => number.format(count);

export function intervalText({ low, high }: { low: number; high: number }): string {
  return `between ${scoreText(low)} and ${scoreText(high)}`;
}

export function needText(need: string): string {
  return NEEDS[need] ?? need.replaceAll('_', ' ');
}

/** "needs light, walk path", or the honest opposite of it. */
export function needsText(needs: readonly string[]): string {
  return needs.length > 0 ? `needs ${needs.map(needText).join(', ')}` : 'no single need stands out';
}

/** "at least 10 people, 50 audits"; both are lower bounds. */
export function voicesText({ auditors, audits }: { auditors: number; audits?: number }): string {
  const people = `at least ${counted(auditors, 'person', 'people')}`;
  return audits === undefined ? people : `${people}, ${counted(audits, 'audit', 'audits')}`;
}

export function counted(count: number, one: string, many: string): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** "2026-10" as "October 2026"; anything else as it is. */
export function monthText(text: string): string {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? month.format(new Date(`${text}-01T00:00:00Z`)) : text;
}

export const standingText = (name: string): string => STANDINGS[name] ?? name;

export const trendText = (name: string): string => TRENDS[name] ?? name;

export const statusText = (name: string): string => STATUSES[name] ?? name;

/** A kind or any other name made for machines, with a capital and blanks. */
export function plainText(name: string): string {
  return capital(name.replaceAll('_', ' '));
}

/** What a hotspot is called: by what is near, else by its number. */
export function hotspotName({ id, near }: { id: string; near: string }): string {
  return near ? `Hotspot near ${near}` : `Hotspot ${id}`;
}

/** A statement with a capital and a full stop. */
export function sentence(text: string): string {
  return `${capital(text)}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
