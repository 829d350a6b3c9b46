/** The frame of the page: its parts, where they stand and what they are called. */

import type { City } from '../api';
import { button, type Choice, choiceGroup, element, link } from '../dom';
import type { Look, View, When } from './address';
import { downloads } from './downloads';
import { legend } from './legend';
import { cityPage } from './notices';
import { PANEL_HEADING } from './panel';

const WHEN_CHOICES: Choice<When>[] = [
  { value: 'all', label: 'All hours' }, { value: 'day', label: 'Day' }, { value: 'night', label: 'Night' },
];
const VIEW_CHOICES: Choice<View>[] = [{ value: 'map', label: 'Map' }, { value: 'table', label: 'Table' }];
const ROOMY = '(min-width: 48rem)';

export interface ShellEvents {
  onWhen: (when: When) => void;
  onView: (view: View) => void;
  onWholeCity: () => void;
}

export class Shell {
  readonly mapHolder = element('div', { properties: { className: 'canvas' } });
  /** a word from the page where there is nothing to draw */
  readonly message = element('div', { properties: { className: 'message' } });
  readonly status = element('p', { properties: { className: 'status' }, attributes: { role: 'status' } });
  readonly mapView: HTMLElement;
  readonly tableView = element('section', { properties: { className: 'tables', hidden: true },
    attributes: { 'aria-label': 'Table' } });
  readonly panel = element('section', { properties: { className: 'panel', hidden: true },
    attributes: { 'aria-labelledby': PANEL_HEADING } });
  readonly whens: HTMLFieldSetElement;
  readonly views: HTMLFieldSetElement;
  readonly root: HTMLElement;

  constructor(city: City, cities: readonly City[], { when, view }: Look, events: ShellEvents) {
    this.whens = choiceGroup(
      { name: 'when', label: 'Time of day', choices: WHEN_CHOICES, chosen: when, onChoose: events.onWhen });
    this.views = choiceGroup(
      { name: 'view', label: 'Show as', choices: VIEW_CHOICES, chosen: view, onChoose: events.onView });
    this.mapView = element('section', { properties: { className: 'map' }, attributes: { 'aria-label': 'Map' } },
      this.mapHolder,
      element('span', { properties: { className: 'crosshair' }, attributes: { 'aria-hidden': 'true' } }),
      button('Whole city', events.onWholeCity, 'whole'));
    this.root = element('div', { properties: { className: 'explore' } },
      button('Skip the map, show the table', () => events.onView('table'), 'skip'),
      element('header', { properties: { className: 'top' } }, title(city, cities), this.whens, this.views),
      element('main', {}, this.mapView, this.tableView, this.message, this.status),
      this.side(city));
  }

  private side(city: City): HTMLElement {
    return element('aside', { attributes: { 'aria-label': 'About the map' } },
      this.panel, legend(city, { open: matchMedia(ROOMY).matches }), downloads(city));
  }
}

function title(city: City, cities: readonly City[]): HTMLElement {
  return element('div', { properties: { className: 'title' } },
    element('h1', {}, city.name),
    cities.length > 1 ? cityChoice(city, cities) : element('span', { properties: { className: 'brand' } }, 'safeaudit'));
}

/** Other cities as links: a list that opens costs no script and works with every keyboard. */
function cityChoice(city: City, cities: readonly City[]): HTMLElement {
  const others = cities.filter(({ slug }) => slug !== city.slug);
  return element('details', { properties: { className: 'cities' } },
    element('summary', {}, 'Other cities'),
    element('ul', {}, ...others.map(({ slug, name }) => element('li', {}, link(name, cityPage(slug))))));
}
