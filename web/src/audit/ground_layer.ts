/** The tiles below the pin, each drawn once and moved with the plane. */

import { cornerOf, findGround, type Ground, type TilePlace, tilesAround } from './ground';
import type { LatLng } from './geodesy';
import { svgElement } from './svg';

/** What of the plane is in view. */
export interface View {
  middle: LatLng;
  metresPerPx: number;
  widthM: number;
  heightM: number;
  toPx: (point: LatLng) => [x: number, y: number];
}

export class GroundLayer {
  readonly root = svgElement('g', { class: 'ground' });
  /** by source and place; null while it is on its way, or where there is nothing */
  private readonly tiles = new Map<string, SVGElement | null>();
  private view: View | null = null;

  private constructor(private readonly ground: Ground, private readonly onDrawn: () => void) {
    this.root.append(...ground.sources.map(() => svgElement('g', {})));
  }

  /** What lies below a city; `onDrawn` is told of every tile. */
  static async of(city: string, onDrawn: () => void): Promise<GroundLayer> {
    return new GroundLayer(await findGround(city), onDrawn);
  }

  get attribution(): string {
    return this.ground.attribution;
  }

  show(view: View): void {
    this.view = view;
    for (const [index, source] of this.ground.sources.entries()) {
      const places = tilesAround(source, view.middle, view);
      const shown = places.flatMap((place) => {
        const key = `${index}/${place.z}/${place.x}/${place.y}`;
        if (!this.tiles.has(key)) void this.fetch(key, source.draw(place));
        const tile = this.tiles.get(key);
        if (tile) put(tile, place, view);
        return tile ? [tile] : [];
      });
      const holder = this.root.children[index];
      for (const old of [...holder?.children ?? []]) if (!shown.includes(old as SVGElement)) old.remove();
      for (const tile of shown) if (!tile.parentNode) holder?.append(tile);
    }
  }

  private async fetch(key: string, drawing: Promise<SVGElement[] | null>): Promise<void> {
    this.tiles.set(key, null);
    try {
      const drawn = await drawing ?? [];
      if (drawn.length === 0 || this.view === null) return;
      const tile = svgElement('svg', { viewBox: '0 0 4096 4096', preserveAspectRatio: 'none' });
      tile.append(...drawn);
      this.tiles.set(key, tile);
      this.show(this.view);
      this.onDrawn();
    } catch {
      // Without a network the pin works all the same; the next look asks again.
      this.tiles.delete(key);
    }
  }
}

/** Over the few kilometres of a tile the plane and Mercator differ by less than a line is wide. */
function put(tile: SVGElement, { z, x, y }: TilePlace, { toPx }: View): void {
  const [left, top] = toPx(cornerOf({ z, x, y }));
  const [right, bottom] = toPx(cornerOf({ z, x: x + 1, y: y + 1 }));
  const at = { x: left, y: top, width: right - left, height: bottom - top };
  for (const [name, value] of Object.entries(at)) tile.setAttribute(name, value.toFixed(2));
}
