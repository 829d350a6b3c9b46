/** The same facts as the map's, for whoever reads rather than looks. */

import { button, element, paragraph } from '../dom';
import {
  causeText, dayText, figureText, intervalText, kindText, listText, missingText, monthText, needText, plainText, say, scoreText,
  shareText, trendText, voicesText, whyText, type Word, workStatusText,
} from '../words';
import type { Chosen } from './address';
import { headingOf } from './facts';
import { type Place, scoreOf } from './features';
import type { Subject } from './subjects';

const PAGE_ROWS = 50;

interface Column {
  title: Word | 'km²' | 'z' | 'q';
  text: (row: Place) => string;
  /** made of numbers, to be kept in line */
  figures?: boolean;
}

const NEEDS: Column = { title: 'needs', text: ({ fields }) => listText(fields.list('needs').map(needText)) || say('none_stands_out') };
const RATED: Column[] = [
  { title: 'score', text: (row) => ifScored(row, ({ score }) => scoreText(score)), figures: true },
  { title: 'likely', text: (row) => ifScored(row, intervalText), figures: true },
];
const HEARD: Column = {
  title: 'heard_from',
  text: ({ fields }) => {
    const auditors = fields.known('auditors_min');
    return auditors === null ? '' : voicesText(auditors, fields.known('audits_min'));
  },
};
const TREND: Column = { title: 'trend', text: ({ fields }) => trendText(fields.text('trend')) };
const CAUSES: Column = { title: 'brings_down', text: ({ fields }) => listText(fields.list('causes').map(causeText)) };
const RANK: Column = number('rank', 'rank');
const KIND: Column = { title: 'kind', text: ({ fields }) => plainText(kindText(fields.text('kind'))) };
const WEIGHED = [number('deficit', 'deficit'), number('exposure', 'exposure')];

const COLUMNS: Record<string, Column[]> = {
  cells: [...RATED, NEEDS, HEARD, month('last_audited', 'last_audit'), TREND],
  hotspots: [...RATED, NEEDS, KIND, number('places', 'cells'), HEARD, TREND],
  zones: [
    ...RATED, share('audited', 'audited_share'), share('below_city', 'hotspot_share'), share('dark', 'dark_share'),
    share('feel_safe', 'feel_safe_share'), share('below_standard', 'below_standard_share'),
  ],
  interventions: [
    { title: 'kind', text: ({ fields }) => plainText(fields.text('kind')) },
    { title: 'status', text: ({ fields }) => workStatusText(fields.text('status')) }, day('from', 'from'), day('to', 'to'),
    number('effect_points', 'effect'), range('likely', 'effect_low', 'effect_high'),
  ],
  'cells-now': [RANK, ...RATED, NEEDS, CAUSES, ...WEIGHED, HEARD, TREND],
  'hotspots-now': [RANK, ...RATED, NEEDS, CAUSES, ...WEIGHED, HEARD, TREND],
  gaps: [
    RANK, { title: 'why', text: ({ fields }) => listText(fields.list('why').map(whyText)) },
    { title: 'missing', text: ({ fields }) => listText(fields.list('missing').map(missingText)) },
    number('doubt', 'doubt'), number('gain', 'gain'),
  ],
  'dark-spots': [
    RANK, number('light', 'lighting_mean'), range('likely', 'lighting_low', 'lighting_high'),
    { title: 'streets', text: ({ fields }) => listText(fields.list('streets')) },
    { title: 'whose', text: ({ fields }) => listText(fields.list('owners')) },
    { title: 'ask', text: ({ fields }) => fields.text('agency') }, HEARD,
  ],
  'incident-clusters': [
    RANK, number('points_at_least', 'points_min'), number('km²', 'area_km2'), month('first', 'first'), month('last', 'last'),
  ],
  'cells-reference': [
    number('z', 'gi_z'), number('q', 'gi_q'), number('bin', 'gi_bin'), { title: 'over_time', text: ({ fields }) => fields.text('category') },
    number('plain_mean', 'score_raw'), number('equal_weights', 'score_common'),
  ],
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
    paragraph(say('unlisted'), 'quiet'));
}

class PagedTable {
  readonly element: HTMLElement;
  private readonly body = element('tbody');
  private readonly count = element('p', { attributes: { role: 'status' } });
  private readonly back = button(say('previous'), () => this.turn(-1));
  private readonly on = button(say('next'), () => this.turn(1));
  private readonly columns: readonly Column[];
  private rows: readonly Place[];
  private page = 0;

  constructor(private readonly listing: Listing, private readonly onChoose: (place: Chosen) => void) {
    const { subject: { name }, rows } = listing;
    this.columns = COLUMNS[name] ?? [];
    this.rows = this.columns.includes(RANK) ? [...rows].sort((a, b) => rankOf(a) - rankOf(b)) : rows;
    const caption = say(`caption_${name.replaceAll('-', '_')}` as Word);
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
    const titles = [say(this.listing.subject.id === 'cell' ? 'place' : 'where'), ...this.columns.map(({ title }) => titleText(title))];
    return element('thead', {}, element('tr', {},
      ...titles.map((title) => element('th', { properties: { scope: 'col' } }, title))));
  }

  private filter(): HTMLElement | null {
    const { rows } = this.listing;
    const needs = [...new Set(rows.flatMap(({ fields }) => fields.list('needs')))].sort();
    if (needs.length === 0) return null;
    const every = this.rows;
    const select = element('select', { properties: { onchange: () => this.keep(every, select.value) } },
      element('option', { properties: { value: '' } }, say('anything')),
      ...needs.map((need) => element('option', { properties: { value: need } }, needText(need))));
    return element('label', { properties: { className: 'filter' } }, `${say('show_what_needs')} `, select);
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
    this.count.textContent = total === 0 ? say('rows_none') : total <= PAGE_ROWS ? say('rows', { n: total })
      : say('rows_of', { from: start + 1, to: start + shown.length, n: total });
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

function titleText(title: Column['title']): string {
  return title === 'km²' || title === 'z' || title === 'q' ? title : say(title);
}

function ifScored(row: Place, text: (score: NonNullable<ReturnType<typeof scoreOf>>) => string): string {
  const score = scoreOf(row);
  return score === null ? say('not_enough') : text(score);
}

function number(title: Column['title'], name: string): Column {
  return { title, figures: true, text: ({ fields }) => figureOr(fields.known(name)) };
}

function figureOr(value: number | null): string {
  return value === null ? '' : figureText(value);
}

function range(title: Word, from: string, to: string): Column {
  return {
    title, figures: true,
    text: ({ fields }) => {
      const [low, high] = [fields.known(from), fields.known(to)];
      return low === null || high === null ? '' : say('range', { low: figureText(low), high: figureText(high) });
    },
  };
}

function share(title: Word, name: string): Column {
  return { title, text: ({ fields }) => shareText(fields.known(name)), figures: true };
}

function day(title: Word, name: string): Column {
  return { title, text: ({ fields }) => dayText(fields.text(name)) };
}

function month(title: Word, name: string): Column {
  return { title, text: ({ fields }) => monthText(fields.text(name)) };
}
