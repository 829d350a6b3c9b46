/** One city at a glance: keeps address, map, table and panel saying the same thing. */

import { type City, Unreachable } from '../api';
import { choose } from '../dom';
import { counted } from '../words';
import { type Look, readLook, type View, type When, writeLook } from './address';
import type { Place } from './features';
import { Layers, LayerSource } from './layers';
import type { CityMap } from './map';
import { failure, noCells, noMap, noRun } from './notices';
import { PANEL_HEADING, showPlace, showUnshown } from './panel';
import { Shell } from './shell';
import { showTables } from './table';

export class Explore {
  readonly shell: Shell;
  private readonly source: LayerSource;
  private look: Look = readLook(location.hash);
  private layers = new Layers([], []);
  private map: Promise<CityMap> | null = null;
  /** what had the focus before the panel took it */
  private opener: Element | null = null;

  constructor(private readonly city: City, cities: readonly City[]) {
    this.source = new LayerSource(city.slug);
    this.shell = new Shell(city, cities, this.look, {
      onWhen: (when) => this.go({ when }),
      onView: (view) => this.go({ view }),
      onWholeCity: () => void this.map?.then((map) => map.showWholeCity()),
    });
  }

  /** The page as its address says, and from now on in step with it. */
  async open(): Promise<void> {
    addEventListener('hashchange', () => {
      this.look = readLook(location.hash);
      void this.load().then(() => this.followCamera());
    });
    addEventListener('keydown', ({ key }) => {
      if (key === 'Escape' && this.look.place) this.choose(null);
    });
    await this.load();
  }

  private go(change: { when?: When; view?: View }): void {
    this.remember(change);
    void this.load();
  }

  private remember(change: Partial<Look>): void {
    this.look = { ...this.look, ...change };
    history.replaceState(null, '', location.pathname + location.search + writeLook(this.look));
  }

  /** Fetch what the look asks for, then show it; the latest look wins. */
  private async load(): Promise<void> {
    const { shell, look: { when } } = this;
    choose(shell.whens, when);
    choose(shell.views, this.look.view);
    shell.message.replaceChildren();
    shell.status.textContent = 'Loading…';
    if (this.look.view === 'map' && canDraw()) this.fetchEngineMeanwhile();
    try {
      const layers = await this.source.load(when);
      if (when !== this.look.when) return;
      this.layers = layers;
      await this.show();
    } catch (error) {
      shell.status.textContent = '';
      shell.message.replaceChildren(failure(error, () => void this.load()));
    }
  }

  private async show(): Promise<void> {
    const { shell, layers, look: { view, when } } = this;
    shell.mapView.hidden = view !== 'map';
    shell.tableView.hidden = view !== 'table';
    showTables(shell.tableView, layers, (id) => this.choose(id));
    this.showPanel();
    if (layers.isEmpty && when === 'all') shell.message.replaceChildren(noRun(this.city));
    else if (layers.cells.length === 0) shell.message.replaceChildren(noCells(when));
    if (view === 'map') await this.draw();
    else shell.status.textContent = '';
  }

  private async draw(): Promise<void> {
    if (!canDraw()) {
      this.shell.status.textContent = '';
      this.shell.message.replaceChildren(noMap(() => this.go({ view: 'table' })));
      return;
    }
    this.map ??= this.createMap();
    this.map.catch(() => { this.map = null; });
    const map = await this.map;
    map.show(this.layers);
    map.mark(this.chosen);
  }

  private async followCamera(): Promise<void> {
    if (this.look.camera) (await this.map)?.lookFrom(this.look.camera);
  }

  /** Save a journey after the layers have come; where it fails, drawing asks again and tells. */
  private fetchEngineMeanwhile(): void {
    import('./map').catch(() => undefined);
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
        onChoose: (id) => this.choose(id),
        onMove: (camera) => this.remember({ camera }),
        onRest: (cells) => { this.shell.status.textContent = `${counted(cells, 'place', 'places')} in view`; },
      },
    });
  }

  private get chosen(): Place | null {
    return this.layers.place(this.look.place);
  }

  private choose(id: string | null): void {
    if (this.shell.panel.hidden) this.opener = document.activeElement;
    this.remember({ place: id });
    this.showPanel();
    const { chosen } = this;
    void this.map?.then((map) => {
      map.mark(chosen);
      if (chosen) map.reveal(chosen);
    });
    if (id) document.getElementById(PANEL_HEADING)?.focus();
    else if (this.opener instanceof HTMLElement) this.opener.focus();
  }

  private showPanel(): void {
    const { shell: { panel }, chosen, look: { when, place } } = this;
    const onClose = (): void => this.choose(null);
    panel.hidden = place === null;
    if (place === null) panel.replaceChildren();
    else if (chosen === null) showUnshown(panel, { when, onClose });
    else {
      const around = chosen.sort === 'cell' ? this.layers.hotspotAround(chosen) : null;
      showPlace(panel, chosen, { when, around, onClose, onChoose: (id) => this.choose(id) });
    }
  }
}

/** Whether this browser has what the map engine needs. */
function canDraw(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}
