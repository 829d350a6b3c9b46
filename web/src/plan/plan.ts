/** What planners do about a city: work, places that call for it, moderation, runs and the report, beside one map. */

import type { Geometry } from 'geojson';

import { askJson, type City, cityAddress, Unreachable } from '../api';
import { attributionOf, type Basemap, findBasemap } from '../basemap';
import { button, choiceGroup, choose, element, paragraph } from '../dom';
import { doors, languageChoice } from '../doors';
import { canDraw } from '../explore/drawable';
import type { Scene } from '../explore/drawing';
import { type Place, workPlace } from '../explore/features';
import { LayerSource, type Published } from '../explore/layers';
import type { CityMap } from '../explore/map';
import { failure, noMapToPlanOn, noRun } from '../explore/notices';
import { AREAS, HOTSPOTS_NOW, type Subject } from '../explore/subjects';
import { forgetKey } from '../key';
import { type Intervention, keyed } from '../published';
import { clauses, dayText, effectText, say, sentence, workStatusText } from '../words';
import { Draft } from './drafting';
import { needsOf, type PlaceEvents, placeList } from './places';
import { moderation } from './queue';
import { report, running } from './running';
import { changeWork, newWork } from './work';

type Part = 'places' | 'works' | 'moderation' | 'runs';

const PARTS: readonly Part[] = ['places', 'works', 'moderation', 'runs'];
const [NOW, DARK] = ['cells-now', 'dark-spots'].map((name) => AREAS.find((area) => area.name === name)) as [Subject, Subject];

export class Plan {
  readonly root: HTMLElement;
  private readonly mapHolder = element('div', { properties: { className: 'canvas' } });
  private readonly attribution = element('p', { properties: { className: 'attribution' } });
  private readonly content = element('div', { properties: { className: 'content' } });
  private readonly tabs = choiceGroup<Part>({
    name: 'part', label: say('what_to_do'), chosen: 'places', onChoose: (part) => this.open(part),
    choices: PARTS.map((value) => ({ value, label: say(`part_${value}`) })),
  });
  private readonly draft = new Draft(() => this.redraw());
  private source: LayerSource;
  private published: Published = { features: new Map(), works: [], asOf: null };
  private basemap: Basemap | null = null;
  private map: Promise<CityMap> | null = null;
  private shown: Geometry | null = null;
  private ratings: string[] = [];
  private part: Part = 'places';
  /** whether a form takes the clicks on the map as corners */
  private drafting = false;
  /** counts what was opened: what arrives for an earlier part comes too late */
  private asked = 0;

  constructor(private readonly city: City) {
    this.source = new LayerSource(city);
    this.root = element('div', { properties: { className: 'plan' } },
      element('header', { properties: { className: 'top' } },
        element('h1', {}, say('plan_city', { city: city.name })), doors('/plan', city.slug),
        button(say('key_forget'), () => { forgetKey(city.slug); location.reload(); })),
      element('section', { properties: { className: 'map' }, attributes: { 'aria-label': say('map') } }, this.mapHolder, this.attribution,
        element('span', { properties: { className: 'crosshair' }, attributes: { 'aria-hidden': 'true' } })),
      element('main', {},
        this.tabs, this.content, languageChoice()));
  }

  /** Fetch what the last run published; the page is there to be shown afterwards. */
  async load(): Promise<void> {
    this.ratings = await this.placeRatings();
    this.published = await this.source.published();
  }

  /** Draw and list, once the page stands in its document: a map has no size before. */
  begin(): void {
    this.redraw();
    this.open(this.part);
  }

  /** Ask anew what is published and what was done, and show it. */
  private async renew(): Promise<void> {
    await this.renewMap();
    this.open(this.part);
  }

  private async renewMap(): Promise<void> {
    this.source = new LayerSource(this.city);
    this.published = await this.source.published();
    this.redraw();
  }

  private open(part: Part): void {
    this.part = part;
    choose(this.tabs, part);
    this.drafting = false;
    this.draft.clear();
    const asked = ++this.asked;
    const fill = (parts: HTMLElement[]): void => {
      if (asked === this.asked) this.content.replaceChildren(...parts);
    };
    this.parts(part).then(fill).catch((error: unknown) => fill([failure(error, () => this.open(part))]));
  }

  private async parts(part: Part): Promise<HTMLElement[]> {
    const { slug } = this.city;
    if (part === 'places') return await this.places();
    if (part === 'works') return [this.works()];
    if (part === 'moderation') return [moderation(slug)];
    return [running(slug, () => void this.renewMap()), report(slug)];
  }

  private async places(): Promise<HTMLElement[]> {
    if (this.published.features.size === 0) return [noRun(this.city)];
    const [hotspots, dark] = await Promise.all([this.listed(HOTSPOTS_NOW), this.listed(DARK)]);
    const events: PlaceEvents = {
      onShow: (place) => this.show(place),
      onPlan: (place) => this.write({ name: '', targets: needsOf(place), area: place.geometry }),
      onStatus: async (work, status) => { await this.change(work, { status, ...status === 'done' && !work.to ? { to: today() } : {} }); },
      onHanded: () => void this.renewMap(),
    };
    const list = (title: string, places: readonly Place[]): HTMLElement =>
      placeList(title, places, this.published.works, this.city.slug, events);
    return [list(say('hotspots_by_rank'), hotspots), list(say('dark_by_rank'), dark)];
  }

  private async listed(subject: Subject): Promise<readonly Place[]> {
    return this.published.features.has(subject.name) ? (await this.source.listing(subject, 'all')).rows : [];
  }

  private works(): HTMLElement {
    const { works } = this.published;
    return element('section', {}, element('h2', {}, say('part_works')),
      button(say('add_work'), () => this.write({ name: '', targets: [], area: null }), 'main'),
      works.length === 0 ? paragraph(say('no_works'), 'quiet') : null,
      element('ul', { properties: { className: 'list' } }, ...works.map((work) => element('li', {},
        element('h3', {}, work.name), paragraph(about(work)),
        element('div', { properties: { className: 'row' } },
          button(say('show'), () => this.show(workPlace(work))), button(say('change'), () => this.rewrite(work)))))));
  }

  private write(beginning: { name: string; targets: readonly string[]; area: Geometry | null }): void {
    this.drafting = true;
    const form = newWork(beginning, this.ratings, this.draft, {
      onKeep: async (values) => {
        await askJson(`${cityAddress(this.city.slug)}/interventions`, { ...keyed(this.city.slug), method: 'POST', body: values });
        this.part = 'works';
        await this.renew();
      },
      onCancel: () => this.open(this.part),
    });
    this.showForm(form);
  }

  private rewrite(work: Intervention): void {
    this.showForm(changeWork(work, this.ratings, {
      onKeep: (values) => this.change(work, values), onCancel: () => this.open(this.part),
    }));
  }

  private showForm(form: HTMLElement): void {
    this.asked += 1;
    this.content.replaceChildren(form);
    form.querySelector('h2')?.focus();
  }

  private async change({ intervention }: Intervention, values: Record<string, unknown>): Promise<void> {
    const address = `${cityAddress(this.city.slug)}/interventions/${intervention}`;
    await askJson(address, { ...keyed(this.city.slug), method: 'PATCH', body: values });
    await this.renew();
  }

  private show(place: Place): void {
    this.shown = place.geometry;
    this.redraw();
    void this.map?.then((map) => map.reveal(place));
  }

  private redraw(): void {
    this.content.querySelector('.area')?.dispatchEvent(new Event('draft'));
    if (!canDraw()) return this.mapHolder.replaceChildren(noMapToPlanOn());
    this.map ??= this.createMap();
    void this.map.then((map) => map.show(this.scene));
  }

  private get scene(): Scene {
    return {
      city: this.city, areas: NOW, hotspots: HOTSPOTS_NOW, when: 'all', works: this.published.works,
      published: new Set(this.published.features.keys()), chosen: this.shown, draft: this.draft.shape,
      basemap: this.basemap,
    };
  }

  private async createMap(): Promise<CityMap> {
    this.basemap = await findBasemap(this.city.slug);
    this.attribution.textContent = attributionOf(this.basemap);
    const { CityMap } = await import('../explore/map').catch((error: unknown) => {
      throw new Unreachable('The map engine did not arrive', { cause: error });
    });
    return CityMap.create({
      container: this.mapHolder, city: this.city, camera: null,
      events: {
        onPoint: (lng, lat) => {
          if (this.drafting) this.draft.add(lng, lat);
          return this.drafting;
        },
        onChoose: () => undefined, onMove: () => undefined, onRest: () => undefined,
        onFault: () => undefined,
      },
    });
  }

  private async placeRatings(): Promise<string[]> {
    const { slug, default_instrument: instrument } = this.city;
    const { questions } = await askJson(`${cityAddress(slug)}/instruments/${instrument ?? ''}`) as
      { questions: { name: string; role?: string; kind: string }[] };
    return questions.filter(({ kind, role }) => kind === 'rating' && role === 'place').map(({ name }) => name);
  }
}

function about({ kind, status, from, to, effect, effect_low: low, effect_high: high }: Intervention): string {
  const known = effect !== null && low !== null && high !== null;
  const days = to ? say('from_to', { from: dayText(from), to: dayText(to) }) : say('from_on', { from: dayText(from) });
  return sentence(clauses([
    say('two_facts', { one: kind, other: workStatusText(status) }), days,
    known ? effectText({ effect, low, high }) : say('effect_untold'),
  ]));
}

/** Today in the place of whoever plans, such as 2026-03-01. */
function today(): string {
  return new Intl.DateTimeFormat('sv').format(new Date());
}
