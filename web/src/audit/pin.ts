/**
 * The pin on its plane: a grid in metres with the city's limits, and what lies below where that can be had. It needs no
 * network and no WebGL, and is moved by finger, by arrow keys, or by four buttons.
 */

import type { Geometry, Position } from 'geojson';

import { button, element } from '../dom';
import { distanceText, type LatLng, moved, type Offset, offset } from './geodesy';
import type { GroundLayer } from './ground_layer';
import { PIN } from './pictures';
import { svgElement } from './svg';
import type { Words } from './words';

export interface Pinned {
  at: LatLng;
  /** how far off the phone may be, where it told */
  accuracyM: number | null;
}

const WIDTH_PX = 360;
const HEIGHT_PX = 300;
const SQUARES_M = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const SQUARE_PX = 60;
const STEP_PX = 6;
const ARROWS: Record<string, Offset> = {
  ArrowUp: { east: 0, north: 1 }, ArrowDown: { east: 0, north: -1 },
  ArrowLeft: { east: -1, north: 0 }, ArrowRight: { east: 1, north: 0 },
};

export class PinPlane {
  readonly root: HTMLElement;
  private readonly svg = svgElement('svg', {
    viewBox: `${-WIDTH_PX / 2} ${-HEIGHT_PX / 2} ${WIDTH_PX} ${HEIGHT_PX}`, class: 'plane',
  });
  /** what is drawn anew with every move */
  private readonly drawn = svgElement('g', {});
  private readonly attribution = element('small', { properties: { className: 'quiet' } });
  private readonly status = element('p', { properties: { className: 'quiet' }, attributes: { 'aria-live': 'polite' } });
  private readonly start: LatLng;
  /** the middle of what is shown */
  private middle: LatLng;
  private at: LatLng;
  private readonly accuracyM: number | null;
  private square: number;
  private ground: GroundLayer | null = null;

  constructor(
    private readonly words: Words,
    { at, accuracyM }: Pinned,
    private readonly lines: readonly Geometry[],
    private readonly onMove: (at: LatLng) => void,
  ) {
    this.start = this.middle = this.at = at;
    this.accuracyM = accuracyM;
    const wanted = accuracyM === null ? 1000 : Math.min(Math.max(accuracyM / 2, 10), 5000);
    this.square = Math.max(0, SQUARES_M.findIndex((metres) => metres >= wanted));
    this.root = element('div', { properties: { className: 'pinning' } }, this.controls(), this.status, this.attribution);
    this.svg.append(this.drawn);
    this.draw();
  }

  /** Draw what lies below from now on. */
  lay(ground: GroundLayer): void {
    this.ground = ground;
    this.svg.prepend(ground.root);
    this.draw();
  }

  /** Something of what lies below has come. */
  tellGround(): void {
    this.attribution.textContent = this.ground?.attribution ?? '';
    this.say('map_scale', SQUARES_M[this.square] ?? 0);
  }

  private get metresPerPx(): number {
    return (SQUARES_M[this.square] ?? 10) / SQUARE_PX;
  }

  private controls(): HTMLElement {
    const { words } = this;
    const step = (direction: Offset): void => this.step(direction, SQUARE_PX / 4);
    const holder = element('div', { properties: { className: 'plane-holder' } });
    holder.append(this.svg, element('div', { properties: { className: 'steps' } },
      button('↑', () => step({ east: 0, north: 1 }), 'up'), button('↓', () => step({ east: 0, north: -1 }), 'down'),
      button('←', () => step({ east: -1, north: 0 }), 'left'), button('→', () => step({ east: 1, north: 0 }), 'right')),
    element('div', { properties: { className: 'zooms' } },
      button('+', () => this.zoom(-1)), button('−', () => this.zoom(1))));
    const names = ['pin_north', 'pin_south', 'pin_west', 'pin_east', 'zoom_in', 'zoom_out'] as const;
    for (const [index, made] of [...holder.querySelectorAll('button')].entries()) {
      made.setAttribute('aria-label', words.say(names[index] ?? 'pin'));
    }
    this.svg.addEventListener('pointerdown', (event) => this.drag(event as PointerEvent));
    return holder;
  }

  /** The pin follows the finger, and so does the plane where the finger is beside the pin. */
  private drag(down: PointerEvent): void {
    const onPin = down.target instanceof Element && down.target.closest('.pin') !== null;
    const { at, middle } = this;
    const scale = WIDTH_PX / this.svg.getBoundingClientRect().width;
    this.svg.setPointerCapture(down.pointerId);
    this.svg.onpointermove = ({ clientX, clientY }) => {
      const by = { east: (clientX - down.clientX) * scale * this.metresPerPx, north: (down.clientY - clientY) * scale * this.metresPerPx };
      if (onPin) this.place(moved(at, by));
      else {
        this.middle = moved(middle, { east: -by.east, north: -by.north });
        this.draw();
      }
    };
    this.svg.onpointerup = this.svg.onpointercancel = () => { this.svg.onpointermove = null; };
  }

  private step({ east, north }: Offset, px = STEP_PX): void {
    const metres = px * this.metresPerPx;
    this.place(moved(this.at, { east: east * metres, north: north * metres }));
    this.middle = this.isInView(this.at) ? this.middle : this.at;
    this.draw();
  }

  private zoom(by: number): void {
    this.square = Math.min(Math.max(this.square + by, 0), SQUARES_M.length - 1);
    this.middle = this.at;
    this.draw();
  }

  private place(at: LatLng): void {
    this.at = at;
    this.draw();
    this.tellOffset();
    this.onMove(at);
  }

  private tellOffset(): void {
    const { east, north } = offset(this.start, this.at);
    this.say('pin_moved', Math.hypot(east, north));
  }

  private say(word: 'pin_moved' | 'plain_map' | 'map_scale', metres: number): void {
    const distance = distanceText(metres, (value) => this.words.number(value));
    this.status.textContent = this.words.say(word, { distance });
  }

  private isInView(point: LatLng): boolean {
    const [x, y] = this.toPx(point);
    return Math.abs(x) < WIDTH_PX / 2 - STEP_PX && Math.abs(y) < HEIGHT_PX / 2 - STEP_PX;
  }

  private toPx(point: LatLng): [x: number, y: number] {
    const { east, north } = offset(this.middle, point);
    return [east / this.metresPerPx, -north / this.metresPerPx];
  }

  private draw(): void {
    const focused = this.svg.contains(document.activeElement);
    const [x, y] = this.toPx(this.at);
    this.drawn.replaceChildren(...this.gridLines(), ...this.cityLines(), ...this.circle(), this.pin(x, y));
    const { middle, metresPerPx } = this;
    this.ground?.show({
      middle, metresPerPx, widthM: WIDTH_PX * metresPerPx, heightM: HEIGHT_PX * metresPerPx, toPx: (point) => this.toPx(point),
    });
    if (focused) this.svg.querySelector<SVGElement>('.pin')?.focus();
    if (!this.status.textContent) this.say('plain_map', SQUARES_M[this.square] ?? 0);
  }

  private gridLines(): SVGElement[] {
    const [x, y] = this.toPx(this.start);
    const every = (length: number, from: number): number[] => {
      const first = ((from % SQUARE_PX) - SQUARE_PX * Math.ceil(length / SQUARE_PX));
      return Array.from({ length: Math.ceil((2 * length) / SQUARE_PX) + 1 }, (_, index) => first + index * SQUARE_PX);
    };
    const d = [
      ...every(WIDTH_PX / 2, x).map((at) => `M${at} ${-HEIGHT_PX / 2}v${HEIGHT_PX}`),
      ...every(HEIGHT_PX / 2, y).map((at) => `M${-WIDTH_PX / 2} ${at}h${WIDTH_PX}`),
    ].join('');
    return [svgElement('path', { d, class: 'grid' })];
  }

  private cityLines(): SVGElement[] {
    const d = this.lines.flatMap(ringsOf).map((ring) =>
      ring.map(([lng = 0, lat = 0], index) => {
        const [x, y] = this.toPx({ lat, lng });
        return `${index ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
      }).join('')).join('');
    return d ? [svgElement('path', { d, class: 'edge' })] : [];
  }

  private circle(): SVGElement[] {
    if (this.accuracyM === null) return [];
    const [cx, cy] = this.toPx(this.start);
    return [svgElement('circle', {
      cx: String(cx), cy: String(cy), r: String(this.accuracyM / this.metresPerPx), class: 'accuracy',
    })];
  }

  private pin(x: number, y: number): SVGElement {
    const made = svgElement('g', {
      class: 'pin', transform: `translate(${x} ${y})`, tabindex: '0', role: 'application', 'aria-label': this.words.say('pin'),
    });
    made.append(svgElement('circle', { r: '26', cy: '-20', class: 'reach' }));
    for (const [tag, attributes] of PIN) made.append(svgElement(tag, { ...attributes, transform: 'translate(-24 -45)' }));
    made.onkeydown = (event) => {
      const direction = ARROWS[event.key];
      if (!direction) return;
      event.preventDefault();
      this.step(direction);
    };
    return made;
  }
}

function ringsOf(geometry: Geometry): Position[][] {
  switch (geometry.type) {
    case 'Polygon': return geometry.coordinates;
    case 'MultiPolygon': return geometry.coordinates.flat();
    case 'LineString': return [geometry.coordinates];
    case 'MultiLineString': return geometry.coordinates;
    default: return [];
  }
}
