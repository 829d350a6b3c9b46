/** What calls for work: hotspots and dark places, each with what may be done about it. */

import { askJson, cityAddress } from '../api';
import { button, element, paragraph } from '../dom';
import { headingOf } from '../explore/facts';
import { type Place, scoreOf } from '../explore/features';
import { worksAt } from '../explore/happened';
import { type Intervention, keyed } from '../published';
import {
  clauses, countText, intervalText, needsText, needText, say, scoreText, sentence, statusText, workStatusText,
} from '../words';

/** How many of a list are shown before the rest is asked for. */
const FIRST = 10;

export interface PlaceEvents {
  onPlan: (place: Place) => void;
  onShow: (place: Place) => void;
  onStatus: (work: Intervention, status: string) => Promise<void>;
  /** something was handed over */
  onHanded: () => void;
}

interface HandedOver {
  rating: string;
  state: string;
  service_request_id: string | null;
  fields: Record<string, string>;
}

/** A list of places by rank. */
export function placeList(
  title: string, places: readonly Place[], works: readonly Intervention[], slug: string, events: PlaceEvents,
): HTMLElement {
  const ranked = [...places].sort((a, b) => a.fields.number('rank') - b.fields.number('rank'));
  const list = element('ul', { properties: { className: 'list' } });
  const show = (count: number): void =>
    list.replaceChildren(...ranked.slice(0, count).map((place) => item(place, worksAt(place, works), slug, events)));
  show(FIRST);
  const more = button(say('show_all', { n: ranked.length }), () => { show(ranked.length); more.hidden = true; });
  more.hidden = ranked.length <= FIRST;
  return element('section', {}, element('h2', {}, title),
    ranked.length === 0 ? paragraph(say('none_found'), 'quiet') : null, list, more);
}

function item(place: Place, works: readonly Intervention[], slug: string, events: PlaceEvents): HTMLElement {
  const said = element('p', { attributes: { role: 'status' } });
  const needs = needsOf(place);
  const score = scoreOf(place);
  const about = [
    score && say('of_five', { score: scoreText(score.score), interval: intervalText(score) }), needsText(needs),
    place.fields.text('status') && statusText(place.fields.text('status')).toLowerCase(),
  ];
  return element('li', {},
    element('h3', {}, say('ranked', { rank: countText(place.fields.number('rank')), name: headingOf(place) })),
    paragraph(sentence(clauses(about.filter((one): one is string => Boolean(one))))),
    ...works.map((work) => workLine(work, events, said)),
    element('div', { properties: { className: 'row' } },
      button(say('show'), () => events.onShow(place)), button(say('plan_work_here'), () => events.onPlan(place)),
      ...needs.length > 0 ? [handOver(place, needs, slug, events, said)] : []),
    said);
}

/** What a place lacks that can be mended. */
export function needsOf({ subject, fields }: Place): string[] {
  return subject.name === 'dark-spots' ? ['lighting'] : fields.list('needs');
}

function workLine(work: Intervention, { onStatus }: PlaceEvents, said: HTMLElement): HTMLElement {
  const mark = (status: string): HTMLElement => button(say('mark_as', { status: workStatusText(status) }), () => {
    onStatus(work, status).catch((error: unknown) => { said.textContent = String((error as Error).message); });
  });
  const next = ['planned', 'done'].filter((status) => status !== work.status);
  return element('div', { properties: { className: 'row' } },
    element('span', {}, say('work_is', { name: work.name, status: workStatusText(work.status) })), ...next.map(mark));
}

function handOver(place: Place, needs: readonly string[], slug: string, events: PlaceEvents, said: HTMLElement): HTMLElement {
  const need = element('select', { attributes: { 'aria-label': say('to_be_mended') } },
    ...needs.map((name) => element('option', { properties: { value: name } }, needText(name))));
  const ask = async (send: boolean): Promise<void> => {
    said.textContent = say(send ? 'sending' : 'writing');
    try {
      const body = { place: place.id, rating: need.value, send };
      const made = await askJson(`${cityAddress(slug)}/requests`, { ...keyed(slug), method: 'POST', body, patienceMs: 60_000 });
      said.textContent = told(made as HandedOver, send);
      if (!send) saveJson(`request-${place.id}-${need.value}.json`, (made as HandedOver).fields);
      events.onHanded();
    } catch (error) {
      said.textContent = (error as Error).message;
    }
  };
  return element('details', { properties: { className: 'hand' } },
    element('summary', {}, say('ask_agency')),
    element('div', { properties: { className: 'row' } }, need,
      button(say('send_open311'), () => void ask(true)), button(say('download_request'), () => void ask(false))));
}

function told({ rating, state, service_request_id: number }: HandedOver, send: boolean): string {
  const need = needText(rating);
  if (!send) return say('request_written', { need });
  return number ? say('request_told_numbered', { need, state, number }) : say('request_told', { need, state });
}

function saveJson(name: string, content: unknown): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: 'application/json' }));
  element('a', { properties: { href: address, download: name } }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
