/** The same facts as the map's, for whoever reads rather than looks. */

import { button, element, paragraph } from '../dom';
import {
  counted, countText, hotspotName, intervalText, monthText, needText, plainText, scoreText, trendText, voicesText,
} from '../words';
import type { Cell, Hotspot, Place } from './features';
import type { Layers } from './layers';

const PAGE_ROWS = 50;

interface Column<Row> {
  title: string;
  text: (row: Row) => string;
  /** made of numbers, to be kept in line */
  figures?: boolean;
}

const RATED: Column<Place>[] = [
  { title: 'Score', text: ({ score }) => scoreText(score), figures: true },
  { title: 'Likely', text: intervalText, figures: true },
  { title: 'Needs', text: ({ needs }) => (needs.length > 0 ? needs.map(needText).join(', ') : 'none stands out') },
];

const CELL_COLUMNS: Column<Cell>[] = [
  ...RATED,
  { title: 'Heard from', text: voicesText },
  { title: 'Last audited', text: ({ lastAudit }) => monthText(lastAudit) },
  { title: 'Trend', text: ({ trend }) => trendText(trend) },
];

const HOTSPOT_COLUMNS: Column<Hotspot>[] = [
  ...RATED,
  { title: 'Kind', text: ({ kind }) => plainText(kind) },
  { title: 'Places', text: ({ cells }) => countText(cells), figures: true },
  { title: 'Heard from', text: voicesText },
  { title: 'Trend', text: ({ trend }) => trendText(trend) },
];

/** Replace the content of `view` by the tables of `layers`; `onChoose` is called with the id of a row. */
export function showTables(view: HTMLElement, layers: Layers, onChoose: (id: string) => void): void {
  view.replaceChildren(
    new PagedTable({
      caption: 'Hotspots: neighbouring places that are clearly below the city together',
      first: 'Where', columns: HOTSPOT_COLUMNS, rows: layers.hotspots, name: hotspotName, onChoose,
    }).element,
    new PagedTable({
      caption: 'Places: hexagons with enough audits to show',
      first: 'Place', columns: CELL_COLUMNS, rows: layers.cells, name: ({ id }) => id, onChoose,
    }).element,
    paragraph('Places that are not listed have not enough audits to show. That says nothing about them.', 'quiet'),
  );
}

interface TableOptions<Row extends Place> {
  caption: string;
  first: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  name: (row: Row) => string;
  onChoose: (id: string) => void;
}

class PagedTable<Row extends Place> {
  readonly element: HTMLElement;
  private readonly body = element('tbody');
  private readonly count = element('p', { attributes: { role: 'status' } });
  private readonly back = button('Previous', () => this.turn(-1));
  private readonly on = button('Next', () => this.turn(1));
  private rows: readonly Row[];
  private page = 0;

  constructor(private readonly options: TableOptions<Row>) {
    this.rows = options.rows;
    this.element = element('section', { properties: { className: 'table' } },
      element('h2', {}, options.caption),
      this.filter(),
      element('div', { properties: { className: 'scroll', tabIndex: 0 },
        attributes: { role: 'region', 'aria-label': options.caption } },
      element('table', {}, this.head(), this.body)),
      element('div', { properties: { className: 'pages' } }, this.back, this.count, this.on));
    this.render();
  }

  private head(): HTMLElement {
    const titles = [{ title: this.options.first }, ...this.options.columns];
    return element('thead', {}, element('tr', {},
      ...titles.map(({ title }) => element('th', { properties: { scope: 'col' } }, title))));
  }

  private filter(): HTMLElement | null {
    const needs = [...new Set(this.options.rows.flatMap((row) => row.needs))].sort();
    if (needs.length === 0) return null;
    const select = element('select', { properties: { onchange: () => this.keep(select.value) } },
      element('option', { properties: { value: '' } }, 'anything'),
      ...needs.map((need) => element('option', { properties: { value: need } }, needText(need))));
    return element('label', { properties: { className: 'filter' } }, 'Show what needs ', select);
  }

  private keep(need: string): void {
    this.rows = this.options.rows.filter((row) => need === '' || row.needs.includes(need));
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

  private row(row: Row): HTMLElement {
    const { columns, name, onChoose } = this.options;
    const open = button(name(row), () => onChoose(row.id), 'link');
    open.dataset.place = row.id;
    return element('tr', {},
      element('th', { properties: { scope: 'row' } }, open),
      ...columns.map(({ text, figures }) =>
        element('td', { properties: { className: figures ? 'figures' : '' } }, text(row))));
  }
}
