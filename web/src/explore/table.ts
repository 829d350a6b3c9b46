/** The same facts as the map's, for whoever reads rather than looks. */

import { button, element, paragraph } from '../dom';
import {
  causeText, counted, countText, dayText, figureText, intervalText, missingText, monthText, needText, plainText, scoreText,
  shareText, trendText, voicesText, whyText, workStatusText,
} from '../words';
import type { Chosen } from './address';
import { headingOf } from './facts';
import { type Place, scoreOf } from './features';
import type { Subject } from './subjects';

const PAGE_ROWS = 50;

interface Column {
  title: string;
  text: (row: Place) => string;
  /** made of numbers, to be kept in line */
  figures?: boolean;
}

const NEEDS: Column = { title: 'Needs', text: ({ fields }) => listed(fields.list('needs').map(needText), 'none stands out') };
const RATED: Column[] = [
  { title: 'Score', text: (row) => ifScored(row, ({ score }) => scoreText(score)), figures: true },
  { title: 'Likely', text: (row) => ifScored(row, intervalText), figures: true },
];
const HEARD: Column = {
  title: 'Heard from',
  text: ({ fields }) => {
    const auditors = fields.known('auditors_min');
    const audits = fields.known('audits_min');
    return auditors === null ? '' : voicesText(audits === null ? { auditors } : { auditors, audits });
  },
};
const TREND: Column = { title: 'Trend', text: ({ fields }) => trendText(fields.text('trend')) };
const LAST: Column = { title: 'Last audited', text: ({ fields }) => monthText(fields.text('last_audit')) };
const CAUSES: Column = { title: 'What brings it down', text: ({ fields }) => listed(fields.list('causes').map(causeText), '') };
const RANK: Column = number('Rank', 'rank');
const KIND: Column = { title: 'Kind', text: ({ fields }) => plainText(fields.text('kind')) };

const COLUMNS: Record<string, Column[]> = {
  cells: [...RATED, NEEDS, HEARD, LAST, TREND],
  hotspots: [...RATED, NEEDS, KIND, number('Places', 'cells'), HEARD, TREND],
  zones: [
    ...RATED, share('Audited', 'audited_share'), share('Below the city', 'hotspot_share'), share('Dark', 'dark_share'),
    share('Feel safe', 'feel_safe_share'), share('Below the standard', 'below_standard_share'),
  ],
  interventions: [
    KIND, { title: 'Status', text: ({ fields }) => workStatusText(fields.text('status')) },
    { title: 'From', text: ({ fields }) => dayText(fields.text('from')) },
    { title: 'To', text: ({ fields }) => dayText(fields.text('to')) },
    number('Effect, points', 'effect'),
    { title: 'Likely', text: ({ fields }) => range(fields.known('effect_low'), fields.known('effect_high')), figures: true },
  ],
  'cells-now': [RANK, ...RATED, NEEDS, CAUSES, number('Deficit', 'deficit'), number('Exposure', 'exposure'), HEARD, TREND],
  'hotspots-now': [RANK, ...RATED, NEEDS, CAUSES, number('Deficit', 'deficit'), number('Exposure', 'exposure'), HEARD, TREND],
  gaps: [
    RANK, { title: 'Why', text: ({ fields }) => listed(fields.list('why').map(whyText), '') },
    { title: 'Missing', text: ({ fields }) => listed(fields.list('missing').map(missingText), '') },
    number('Doubt', 'doubt'), number('Gain', 'gain'),
  ],
  'dark-spots': [
    RANK, number('Light', 'lighting_mean'),
    { title: 'Likely', text: ({ fields }) => range(fields.known('lighting_low'), fields.known('lighting_high')), figures: true },
    { title: 'Streets', text: ({ fields }) => listed(fields.list('streets'), '') },
    { title: 'Whose', text: ({ fields }) => listed(fields.list('owners'), '') },
    { title: 'Ask', text: ({ fields }) => fields.text('agency') }, HEARD,
  ],
  'incident-clusters': [
    RANK, number('At least so many', 'points_min'), number('km²', 'area_km2'),
    { title: 'First', text: ({ fields }) => monthText(fields.text('first')) },
    { title: 'Last', text: ({ fields }) => monthText(fields.text('last')) },
  ],
  'cells-reference': [
    number('z', 'gi_z'), number('q', 'gi_q'), number('Bin', 'gi_bin'), { title: 'Over time', text: ({ fields }) => fields.text('category') },
    number('Plain mean', 'score_raw'), number('Equal weights', 'score_common'),
  ],
};

const CAPTIONS: Record<string, string> = {
  cells: 'Places: hexagons with enough audits to show',
  hotspots: 'Hotspots: neighbouring places that are clearly below the city together',
  zones: 'Zones: what their places say together',
  interventions: 'Work: what was and is being done, and what it did',
  'cells-now': 'Places from all audits so far, for planners',
  'hotspots-now': 'Hotspots from all audits so far, for planners',
  gaps: 'Where to audit next, and why',
  'dark-spots': 'Places that are credibly dark at night, and whom to ask for light',
  'incident-clusters': 'Where recorded incidents and reported hazards crowd',
  'cells-reference': 'Gi* of plain means, to compare with other software',
};

/** A table of one subject. */
export interface Listing {
  subject: Subject;
  rows: readonly Place[];
}

/** Replace the content of `view` by tables; `onChoose` is called with what a row is about. */
export function showTables(view: HTMLElement, listings: readonly Listing[], onChoose: (place: Chosen) => void): void {
  view.replaceChildren(
    ...listings.map((listing) => new PagedTable(listing, onChoose).element),
    paragraph('Places that are not listed have not enough audits to show. That says nothing about them.', 'quiet'));
}

class PagedTable {
  readonly element: HTMLElement;
  private readonly body = element('tbody');
  private readonly count = element('p', { attributes: { role: 'status' } });
  private readonly back = button('Previous', () => this.turn(-1));
  private readonly on = button('Next', () => this.turn(1));
  private readonly columns: readonly Column[];
  private rows: readonly Place[];
  private page = 0;

  constructor(private readonly listing: Listing, private readonly onChoose: (place: Chosen) => void) {
    const { subject: { name }, rows } = listing;
    this.columns = COLUMNS[name] ?? [];
    this.rows = this.columns.includes(RANK) ? [...rows].sort((a, b) => rankOf(a) - rankOf(b)) : rows;
    const caption = CAPTIONS[name] ?? name;
    this.element = element('section', { properties: { className: 'table' }, attributes: { 'data-subject': name } },
      element('h2', {}, caption),
      this.filter(),
      element('div', { properties: { className: 'scroll', tabIndex: 0 },
        attributes: { role: 'region', 'aria-label': caption } },
      element('table', {}, this.head(), this.body)),
      element('div', { properties: { className: 'pages' } }, this.back, this.count, this.on));
    this.render();
  }

  private head(): HTMLElement {
    const titles = [this.listing.subject.id === 'cell' ? 'Place' : 'Where', ...this.columns.map(({ title }) => title)];
    return element('thead', {}, element('tr', {},
      ...titles.map((title) => element('th', { properties: { scope: 'col' } }, title))));
  }

  private filter(): HTMLElement | null {
    const { rows } = this.listing;
    const needs = [...new Set(rows.flatMap(({ fields }) => fields.list('needs')))].sort();
    if (needs.length === 0) return null;
    const every = this.rows;
    const select = element('select', { properties: { onchange: () => this.keep(every, select.value) } },
      element('option', { properties: { value: '' } }, 'anything'),
      ...needs.map((need) => element('option', { properties: { value: need } }, needText(need))));
    return element('label', { properties: { className: 'filter' } }, 'Show what needs ', select);
  }

  private keep(every: readonly Place[], need: string): void {
    this.rows = every.filter(({ fields }) => need === '' || fields.list('needs').includes(need));
    this.page = 0;
    this.render();
  }

  private turn(pages: number): void {
    this.page += pages;
    this.render();
  }

  private render(): void {
    const start = this.page * PAGE_ROWS;
    const shown = this.rows.slice(start, start + PAGE_ROWS);
    const total = this.rows.length;
    this.body.replaceChildren(...shown.map((row) => this.row(row)));
    this.back.disabled = this.page === 0;
    this.on.disabled = start + PAGE_ROWS >= total;
    this.back.hidden = this.on.hidden = total <= PAGE_ROWS;
    this.count.textContent = total === 0 ? 'None to show.'
      : total <= PAGE_ROWS ? counted(total, 'row', 'rows')
        : `Rows ${countText(start + 1)} to ${countText(start + shown.length)} of ${countText(total)}`;
  }

  private row(row: Place): HTMLElement {
    const { subject, id } = row;
    const name = subject.id === 'cell' ? id : headingOf(row);
    const open = button(name, () => this.onChoose({ subject: subject.name, id }), 'link');
    return element('tr', {},
      element('th', { properties: { scope: 'row' } }, open),
      ...this.columns.map(({ text, figures }) =>
        element('td', { properties: { className: figures ? 'figures' : '' } }, text(row))));
  }
}

function rankOf({ fields }: Place): number {
  return fields.known('rank') ?? Infinity;
}

function ifScored(row: Place, text: (score: NonNullable<ReturnType<typeof scoreOf>>) => string): string {
  const score = scoreOf(row);
  return score === null ? 'not enough audits' : text(score);
}

function listed(parts: readonly string[], none: string): string {
  return parts.length > 0 ? parts.join(', ') : none;
}

function range(low: number | null, high: number | null): string {
  return low === null || high === null ? '' : `${figureText(low)} to ${figureText(high)}`;
}

function number(title: string, name: string): Column {
  return { title, figures: true, text: ({ fields }) => figureOr(fields.known(name)) };
}

function figureOr(value: number | null): string {
  return value === null ? '' : figureText(value);
}

function share(title: string, name: string): Column {
  return { title, text: ({ fields }) => shareText(fields.known(name)), figures: true };
}
