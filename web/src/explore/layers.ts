/** Which published layers the page shows, and how they arrive. */

import { getLayer } from '../api';
import type { When } from './address';
import { type Cell, type Hotspot, type Place, readCells, readHotspots } from './features';
import { centreOf, contains } from './geometry';

/** There is no hotspot layer of the day: by day the map shows those found from all hours together. */
const SHOWN: Record<When, { cells: string; hotspots: string }> = {
  all: { cells: 'cells', hotspots: 'hotspots' },
  day: { cells: 'cells-day', hotspots: 'hotspots' },
  night: { cells: 'cells-night', hotspots: 'hotspots-night' },
};

export const PUBLIC_LAYERS = [
  { layer: 'cells', label: 'Places, all hours' },
  { layer: 'cells-day', label: 'Places by day' },
  { layer: 'cells-night', label: 'Places by night' },
  { layer: 'hotspots', label: 'Hotspots' },
  { layer: 'hotspots-night', label: 'Hotspots by night' },
] as const;

/** What is shown of one city at one part of the day. */
export class Layers {
  constructor(readonly cells: readonly Cell[], readonly hotspots: readonly Hotspot[]) {}

  get isEmpty(): boolean {
    return this.cells.length === 0 && this.hotspots.length === 0;
  }

  place(id: string | null): Place | null {
    return this.cells.find((cell) => cell.id === id) ?? this.hotspots.find((hotspot) => hotspot.id === id) ?? null;
  }

  /** The hotspot that a cell is part of. */
  hotspotAround(cell: Cell): Hotspot | null {
    const centre = centreOf(cell.geometry);
    return this.hotspots.find((hotspot) => contains(hotspot.geometry, centre)) ?? null;
  }
}

/** The layers of a city; each is asked for once. `load` raises Unreachable, Refused or UnreadableLayer. */
export class LayerSource {
  private readonly asked = new Map<string, ReturnType<typeof getLayer>>();

  constructor(private readonly slug: string) {}

  async load(when: When): Promise<Layers> {
    const { cells, hotspots } = SHOWN[when];
    const [cellLayer, hotspotLayer] = await Promise.all([this.ask(cells), this.ask(hotspots)]);
    return new Layers(readCells(cellLayer), readHotspots(hotspotLayer));
  }

  private ask(layer: string): ReturnType<typeof getLayer> {
    const answer = this.asked.get(layer) ?? getLayer(this.slug, layer);
    this.asked.set(layer, answer);
    // A failure is not an answer: the next look asks again.
    answer.catch(() => this.asked.delete(layer));
    return answer;
  }
}
