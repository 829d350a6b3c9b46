/** Where the spot is: found by the phone, corrected by hand. */

import type { Geometry } from 'geojson';

import { button, element } from '../dom';
import { boundaryOf, type City } from './documents';
import { distanceText, type LatLng } from './geodesy';
import type { Location } from './model';
import { drawnButton, notice } from './parts';
import { PIN } from './pictures';
import { type Failure, findPosition, type Fix } from './position';
import type { Words } from './words';

/** Beyond it another street may be meant. */
const ROUGH_M = 100;

export class PlaceField {
  location: Location | null;
  readonly root = element('section', { properties: { className: 'place' } });
  private readonly status = element('p', { properties: { className: 'status' }, attributes: { role: 'status' } });
  private readonly map = element('div', { properties: { className: 'map-holder' } });
  private readonly actions = element('div', { properties: { className: 'actions' } });
  private accuracyM: number | null = null;
  private byHand: boolean;

  constructor(
    private readonly words: Words, private readonly city: City, location: Location | null, private readonly onChange: () => void,
  ) {
    this.location = location;
    this.accuracyM = location?.accuracy_m ?? null;
    this.byHand = location !== null && location.accuracy_m === undefined;
    this.actions.append(drawnButton(PIN, words.say('set_pin'), () => this.openMap()));
    this.root.append(this.status, this.actions, this.map);
    if (location === null) this.find();
    else this.tell();
  }

  /** Show the pin on its map; fetched only now, because most spots need none. */
  openMap(): void {
    if (this.map.childElementCount > 0) return;
    this.map.append(element('p', {}, this.words.say('loading')));
    void this.plane().then((plane) => this.map.replaceChildren(plane), () => {
      this.map.replaceChildren(notice('no-map', this.words.say('map_failed'), '',
        button(this.words.say('retry'), () => {
          this.map.replaceChildren();
          this.openMap();
        })));
    });
  }

  private async plane(): Promise<HTMLElement> {
    const [{ PinPlane }, lines] = await Promise.all([import('./pin'), this.lines()]);
    const at = this.location ?? middleOf(this.city);
    const plane = new PinPlane(this.words, { at, accuracyM: this.accuracyM }, lines, (point) => this.setByHand(point));
    // Worth having, and nothing waits for it.
    void import('./ground_layer').then(({ GroundLayer }) => GroundLayer.of(this.city.slug, () => plane.tellGround()))
      .then((ground) => plane.lay(ground), () => undefined);
    return plane.root;
  }

  private async lines(): Promise<Geometry[]> {
    return boundaryOf(this.city.slug).catch(() => []);
  }

  private find(): void {
    this.status.textContent = this.words.say('finding');
    findPosition({ onFix: (fix) => this.take(fix), onFailure: (why) => this.fail(why) });
  }

  private take(fix: Fix): void {
    if (this.byHand) return;
    this.location = fix;
    this.accuracyM = fix.accuracy_m;
    this.tell();
    // The plane stands around the place that was known when it was made.
    if (this.map.childElementCount > 0) {
      this.map.replaceChildren();
      this.openMap();
    }
    this.onChange();
  }

  private setByHand({ lat, lng }: LatLng): void {
    this.byHand = true;
    this.location = { lat: Number(lat.toFixed(7)), lng: Number(lng.toFixed(7)) };
    this.tell();
    this.onChange();
  }

  private tell(): void {
    const { words, accuracyM } = this;
    const distance = distanceText(accuracyM ?? 0, (value) => words.number(value));
    const isRough = !this.byHand && accuracyM !== null && accuracyM > ROUGH_M;
    this.root.dataset.state = this.byHand ? 'by-hand' : isRough ? 'rough' : 'accurate';
    if (this.byHand || accuracyM === null) this.status.textContent = words.say('by_hand');
    else this.status.textContent = words.say(isRough ? 'rough' : 'accurate', { distance, n: accuracyM });
    if (isRough) this.openMap();
  }

  private fail(why: Failure): void {
    if (this.byHand) return;
    this.root.dataset.state = `place-${why}`;
    this.status.textContent = this.words.say(`place_${why}`);
    if (why === 'denied' || why === 'unknown') {
      const again = button(this.words.say('place_again'), () => {
        again.remove();
        this.find();
      });
      this.actions.append(again);
    }
    this.openMap();
  }
}

function middleOf({ bbox: [west, south, east, north] }: City): LatLng {
  const width = east < west ? east + 360 - west : east - west;
  return { lat: (south + north) / 2, lng: ((west + width / 2 + 540) % 360) - 180 };
}
