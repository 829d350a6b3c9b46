/** The frame of the page: its parts, where they stand and what they are called. */

import type { City } from '../api';
import { button, type Choice, choiceGroup, element, link } from '../dom';
import { doors, languageChoice } from '../doors';
import { say } from '../words';
import type { Look, View, When } from './address';
import { downloads, openInQgis } from './downloads';
import { keyForm } from './keyform';
import { legend } from './legend';
import { cityPage } from './notices';
import { PANEL_HEADING } from './panel';
import type { Subject } from './subjects';

const ROOMY = '(min-width: 48rem)';

export interface ShellEvents {
  onShow: (subject: string) => void;
  onWhen: (when: When) => void;
  onView: (view: View) => void;
  onWholeCity: () => void;
  /** a planner's key was given or forgotten */
  onKey: () => void;
}

/** What the parts about the data depend on. */
export interface About {
  areas: readonly Subject[];
  shown: Subject;
  published: ReadonlySet<string>;
  withKey: boolean;
}

export class Shell {
  readonly mapHolder = element('div', { properties: { className: 'canvas' } });
  /** a word from the page where there is nothing to draw */
  readonly message = element('div', { properties: { className: 'message' } });
  readonly status = element('p', { properties: { className: 'status' }, attributes: { role: 'status' } });
  /** whom to name for the basemap */
  readonly attribution = element('p', { properties: { className: 'attribution' } });
  /** part of the map did not arrive */
  readonly fault = element('p', { properties: { className: 'fault', hidden: true }, attributes: { role: 'status' } },
    say('part_missing'));
  readonly mapView: HTMLElement;
  readonly tableView = element('section', { properties: { className: 'tables', hidden: true },
    attributes: { 'aria-label': say('table') } });
  readonly panel = element('section', { properties: { className: 'panel', hidden: true },
    attributes: { 'aria-labelledby': PANEL_HEADING } });
  readonly whens: HTMLFieldSetElement;
  readonly views: HTMLFieldSetElement;
  readonly root: HTMLElement;
  private readonly areas: HTMLSelectElement;
  private readonly about = element('div', { properties: { className: 'about' } });

  constructor(private readonly city: City, cities: readonly City[], { when, view }: Look, private readonly events: ShellEvents) {
    const whens: Choice<When>[] = [
      { value: 'all', label: say('all_hours') }, { value: 'day', label: say('day') }, { value: 'night', label: say('night') },
    ];
    const views: Choice<View>[] = [{ value: 'map', label: say('map') }, { value: 'table', label: say('table') }];
    this.whens = choiceGroup(
      { name: 'when', label: say('time_of_day'), choices: whens, chosen: when, onChoose: events.onWhen });
    this.views = choiceGroup({ name: 'view', label: say('show_as'), choices: views, chosen: view, onChoose: events.onView });
    this.areas = element('select', { attributes: { 'aria-label': say('what_is_shown') },
      properties: { hidden: true, onchange: () => events.onShow(this.areas.value) } });
    this.mapView = element('section', { properties: { className: 'map' }, attributes: { 'aria-label': say('map') } },
      this.mapHolder, this.attribution,
      element('span', { properties: { className: 'crosshair' }, attributes: { 'aria-hidden': 'true' } }),
      button(say('whole_city'), events.onWholeCity, 'whole'));
    this.root = element('div', { properties: { className: 'explore' } },
      button(say('skip_map'), () => events.onView('table'), 'skip'),
      element('header', { properties: { className: 'top' } }, title(city, cities), this.areas, this.whens, this.views),
      element('main', {}, this.mapView, this.tableView, this.message, this.fault, this.status),
      element('aside', { attributes: { 'aria-label': say('about_map') } }, this.panel, this.about));
  }

  /** Offer what can be shown, and tell of what is; what is open stays open. */
  tell({ areas, shown, published, withKey }: About): void {
    this.areas.replaceChildren(...areas.map(({ name, label }) =>
      element('option', { properties: { value: name, selected: name === shown.name } }, say(label))));
    this.areas.hidden = areas.length < 2;
    const open = new Set([...this.about.querySelectorAll('details[open]')].map(({ className }) => className));
    const first = this.about.childElementCount === 0;
    this.about.replaceChildren(
      legend(this.city, shown, { open: first ? matchMedia(ROOMY).matches : open.has('legend') }),
      downloads(this.city, published, withKey), openInQgis(this.city), keyForm(this.city, this.events.onKey),
      doors('/', this.city.slug), languageChoice());
    for (const part of this.about.querySelectorAll('details')) part.open ||= open.has(part.className);
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
    element('summary', {}, say('other_cities')),
    element('ul', {}, ...others.map(({ slug, name }) => element('li', {}, link(name, cityPage(slug))))));
}
