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

const CAUSES: Record<string, string> = { feeling: 'feeling safe' };

/** Status of an intervention. */
const WORK_STATUSES: Record<string, string> = {
  requested: 'asked for',
  planned: 'planned',
  ongoing: 'under way',
  done: 'done',
  cancelled: 'cancelled',
};

const WHYS: Record<string, string> = {
  unknown: 'Fewer people than needed have audited it',
  undecided: 'A few more audits would decide whether it is a hotspot',
  voices: 'Some voices, or one part of the day, are missing',
};

const MISSING: Record<string, string> = {
  day: 'audits by day', night: 'audits by night', women: 'women', men: 'men',
};

/** Status of a hotspot. */
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
const small = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const signed = new Intl.NumberFormat('en', { signDisplay: 'exceptZero', minimumFractionDigits: 1, maximumFractionDigits: 1 });
const share = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' });
const month = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });

export const scoreText = (score: number): string => oneDecimal.format(score);

export const countText = (count: number): string => number.format(count);

export function intervalText({ low, high }: { low: number; high: number }): string {
  return `between ${scoreText(low)} and ${scoreText(high)}`;
}

export function needText(need: string): string {
  return NEEDS[need] ?? need.replaceAll('_', ' ');
}

/** A share of 0..1 in per cent; what is not known has no figure. */
export const shareText = (value: number | null): string => (value === null ? 'not known' : share.format(value));

/** Any number of a layer, short enough to read. */
export const figureText = (value: number): string =>
  (Math.abs(value) >= 10 || Number.isInteger(value) ? number : small).format(value);

export const workStatusText = (name: string): string => WORK_STATUSES[name] ?? plainText(name).toLowerCase();

export const whyText = (name: string): string => WHYS[name] ?? plainText(name);

export const missingText = (name: string): string => MISSING[name] ?? name;

/** "lighting 0.62" as "light (62 %)": what makes a place score low, with its share of the gap. */
export function causeText(cause: string): string {
  const [, name = cause, part] = /^(\S+) ([\d.]+)$/.exec(cause) ?? [];
  return part === undefined ? needText(name) : `${CAUSES[name] ?? needText(name)} (${share.format(Number(part))})`;
}

/** "2026-03-01" as "Mar 1, 2026"; anything else as it is. */
export function dayText(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? day.format(new Date(`${text}T00:00:00Z`)) : monthText(text);
}

/** "0.3 points better (between 0.1 and 0.5)", with what an interval across 0 means. */
export function effectText({ effect, low, high }: { effect: number; low: number; high: number }): string {
  const size = `${oneDecimal.format(Math.abs(effect))} points ${effect < 0 ? 'lower' : 'higher'}`;
  const interval = `likely ${signed.format(low)} to ${signed.format(high)}`;
  return low <= 0 && high >= 0 ? `${size}, but neither an effect nor its absence is shown (${interval})` : `${size} (${interval})`;
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
