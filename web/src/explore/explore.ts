/** One city at a glance: keeps address, map, table and panel saying the same thing. */

import { type City, Unreachable } from '../api';
import { attributionOf, type Basemap, findBasemap } from '../basemap';
import { choose, element } from '../dom';
import { keyOf } from '../key';
import { say } from '../words';
import { type Chosen, type Look, readLook, writeLook } from './address';
import { canDraw } from './drawable';
import type { Scene } from './drawing';
import { factsOf, headingOf } from './facts';
import { type Place, workPlace } from './features';
import { contains } from './geometry';
import { happened, worksAt } from './happened';
import { areasAmong, LayerSource, type Published } from './layers';
import type { CityMap } from './map';
import { failure, noCells, noMap, noRun } from './notices';
import { fillPanel, PANEL_HEADING, showUnshown } from './panel';
import { Shell } from './shell';
import { hasParts, hotspotsBeside, INTERVENTIONS, PLACES, type Subject, subjectNamed } from './subjects';
import { showTables } from './table';
import { fetchAhead } from './tiles';

const NOTHING: Published = { features: new Map(), works: [], asOf: null };

export class Explore {
  readonly shell: Shell;
  private source: LayerSource;
  private look: Look = readLook(location.hash);
  private published = NOTHING;
  /** the chosen place, once it has arrived */
  private place: Place | null = null;
  private basemap: Basemap | null = null;
  private readonly basemapComing: Promise<Basemap | null>;
  private map: Promise<CityMap> | null = null;
  /** what had the focus before the panel took it */
  private opener: Element | null = null;
  /** counts what was asked for: an answer to an earlier question comes too late */
  private asked = 0;

  constructor(private readonly city: City, cities: readonly City[]) {
    this.source = new LayerSource(city);
    this.basemapComing = findBasemap(city.slug);
    this.shell = new Shell(city, cities, this.look, {
      onShow: (show) => this.go({ show, place: null }),
      onWhen: (when) => this.go({ when }),
      onView: (view) => this.go({ view }),
      onWholeCity: () => void this.map?.then((map) => map.showWholeCity()),
      onKey: () => void this.begin(),
    });
  }

  /** The page as its address says, and from now on in step with it. */
  async open(): Promise<void> {
    addEventListener('hashchange', () => {
      this.look = readLook(location.hash);
      void this.load().then(() => this.followCamera());
    });
    addEventListener('keydown', ({ key }) => {
      if (key === 'Escape' && this.look.place) void this.choose(null);
    });
    // While what is published is asked for; where it fails, drawing tries again and tells.
    if (this.look.view === 'map' && canDraw()) this.mapMade().catch(() => undefined);
    await this.begin();
  }

  /** Ask anew what is published: for the first time, or for another reader. */
  private async begin(): Promise<void> {
    this.source = new LayerSource(this.city);
    this.published = NOTHING;
    await this.load();
  }

  private go(change: Partial<Look>): void {
    this.remember(change);
    void this.load();
  }

  private remember(change: Partial<Look>): void {
    this.look = { ...this.look, ...change };
    history.replaceState(null, '', location.pathname + location.search + writeLook(this.look));
  }

  /** What is drawn as areas: as the address says, if there is such a thing to see. */
  private get areas(): Subject {
    return areasAmong(this.published).find(({ name }) => name === this.look.show) ?? PLACES;
  }

  /** Fetch what the look asks for, then show it; the latest look wins. */
  private async load(): Promise<void> {
    const { shell } = this;
    const asked = ++this.asked;
    choose(shell.whens, this.look.when);
    choose(shell.views, this.look.view);
    shell.message.replaceChildren();
    shell.fault.hidden = true;
    shell.status.textContent = say('loading');
    try {
      if (this.published === NOTHING) {
        this.published = await this.source.published();
        this.fetchAhead();
      }
      const place = await this.find(this.look.place);
      if (asked !== this.asked) return;
      this.place = place;
      await this.show();
    } catch (error) {
      if (asked !== this.asked) return;
      shell.status.textContent = '';
      shell.message.replaceChildren(failure(error, () => void this.load()));
    }
  }

  /** Of what everybody may see; what a key opens is in no cache. */
  private fetchAhead(): void {
    const { city, areas, look: { view, when, camera }, published: { features } } = this;
    const layer = areas.layers[when];
    if (view === 'map' && camera === null && features.has(layer) && keyOf(city.slug) === null && canDraw()) {
      fetchAhead(city, layer, this.shell.mapHolder);
    }
  }

  private async show(): Promise<void> {
    const { shell, areas, look: { view, when } } = this;
    const layers = new Set(this.published.features.keys());
    shell.tell({
      areas: areasAmong(this.published), shown: areas, published: layers, withKey: keyOf(this.city.slug) !== null,
    });
    shell.whens.disabled = !hasParts(areas) && !hasParts(hotspotsBeside(areas));
    shell.mapView.hidden = view !== 'map';
    shell.tableView.hidden = view !== 'table';
    void this.showPanel();
    const count = (subject: Subject): number => this.published.features.get(subject.layers[when]) ?? 0;
    if (count(PLACES) + count(hotspotsBeside(PLACES)) === 0 && when === 'all') shell.message.replaceChildren(noRun(this.city));
    else if (count(areas) === 0) shell.message.replaceChildren(noCells(when));
    if (view === 'map') await this.draw();
    else await this.list();
  }

  private async list(): Promise<void> {
    const { areas, look: { when }, published: { works } } = this;
    const subjects = [hotspotsBeside(areas), areas];
    const listings = await Promise.all(subjects.map((subject) => this.source.listing(subject, when)));
    if (when !== this.look.when || areas !== this.areas) return;
    const work = works.length > 0 ? [{ subject: INTERVENTIONS, rows: works.map(workPlace) }] : [];
    showTables(this.shell.tableView, [...listings, ...work], (place) => void this.choose(place));
    this.shell.status.textContent = '';
  }

  private async draw(): Promise<void> {
    if (!canDraw()) {
      this.shell.status.textContent = '';
      this.shell.message.replaceChildren(noMap(() => this.go({ view: 'table' })));
      return;
    }
    const [map, basemap] = await Promise.all([this.mapMade(), this.basemapComing]);
    this.basemap = basemap;
    this.shell.attribution.textContent = attributionOf(basemap);
    map.show(this.scene);
  }

  private mapMade(): Promise<CityMap> {
    const made = this.map ??= this.createMap();
    made.catch(() => { this.map = null; });
    return made;
  }

  private get scene(): Scene {
    return {
      city: this.city,
      areas: this.areas,
      hotspots: hotspotsBeside(this.areas),
      when: this.look.when,
      published: new Set(this.published.features.keys()),
      works: this.published.works,
      chosen: this.place?.geometry ?? null,
      draft: null,
      basemap: this.basemap,
    };
  }

  private async followCamera(): Promise<void> {
    if (this.look.camera) (await this.map)?.lookFrom(this.look.camera);
  }

  /** The map engine is most of the page's weight: it is fetched only where it can draw. */
  private async createMap(): Promise<CityMap> {
    const { CityMap } = await import('./map').catch((error: unknown) => {
      throw new Unreachable('The map engine did not arrive', { cause: error });
    });
    return CityMap.create({
      container: this.shell.mapHolder,
      city: this.city,
      camera: this.look.camera,
      events: {
        onChoose: (place) => void this.choose(place),
        onMove: (camera) => { this.shell.fault.hidden = true; this.remember({ camera }); },
        onRest: (areas) => { this.shell.status.textContent = say(this.areas.inView, { n: areas }); },
        onFault: () => { this.shell.fault.hidden = false; },
      },
    });
  }

  private find(chosen: Chosen | null): Promise<Place | null> {
    return chosen ? this.source.place(chosen, this.look.when, this.published.works) : Promise.resolve(null);
  }

  private async choose(chosen: Chosen | null): Promise<void> {
    if (this.shell.panel.hidden) this.opener = document.activeElement;
    this.remember({ place: chosen });
    const asked = ++this.asked;
    try {
      const place = await this.find(chosen);
      if (asked !== this.asked) return;
      this.place = place;
      await this.showPanel();
      const map = await this.map;
      map?.show(this.scene);
      if (place) map?.reveal(place);
    } catch (error) {
      this.shell.message.replaceChildren(failure(error, () => void this.load()));
    }
    if (chosen) document.getElementById(PANEL_HEADING)?.focus();
    else if (this.opener instanceof HTMLElement) this.opener.focus();
  }

  private async showPanel(): Promise<void> {
    const { shell: { panel }, place, look } = this;
    const onClose = (): void => void this.choose(null);
    panel.hidden = look.place === null;
    if (look.place === null) return panel.replaceChildren();
    if (place === null) return showUnshown(panel, subjectNamed(look.place.subject) ?? PLACES, look.when, onClose);
    const more = element('div', { properties: { className: 'more' } });
    const fields = place.subject.planner ? await this.source.fieldsOf(place.subject, look.when) : [];
    if (place !== this.place) return;
    fillPanel(panel, headingOf(place), [...factsOf(place, look.when, fields), more], onClose);
    void this.around(place).then((parts) => more.replaceChildren(...parts));
  }

  /** What else is known there: the hotspot that a place is part of, and the work done. */
  private async around(place: Place): Promise<HTMLElement[]> {
    if (place.subject === INTERVENTIONS) return [];
    const spot = place.subject.id === 'cell'
      ? await this.source.hotspotAround(place, this.look.when, ({ geometry }, point) => contains(geometry, point)) : null;
    const onWork = (id: string): void => void this.choose({ subject: INTERVENTIONS.name, id });
    return [
      ...spot ? [partOf(spot, () => void this.choose({ subject: spot.subject.name, id: spot.id }))] : [],
      happened(worksAt(place, this.published.works), onWork),
    ];
  }
}

function partOf(spot: Place, onPress: () => void): HTMLElement {
  return element('button', { properties: { type: 'button', className: 'wide', onclick: onPress } },
    say('part_of', { name: headingOf(spot) }));
}
