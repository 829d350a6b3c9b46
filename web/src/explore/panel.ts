/** What is known about the chosen place, in words. */

import { button, element, paragraph } from '../dom';
import { scoreGradient, scorePercent } from '../palette';
import {
  counted, hotspotName, HOURS, intervalText, monthText, needsText, needText, plainText, scoreText, sentence,
  standingText, statusText, trendText, voicesText,
} from '../words';
import type { When } from './address';
import type { Cell, Hotspot, Place } from './features';

/** id of the panel's heading, which names the panel and takes the focus */
export const PANEL_HEADING = 'panel-heading';

export interface PanelContext {
  when: When;
  /** the hotspot that the cell is part of */
  around: Hotspot | null;
  onClose: () => void;
  onChoose: (id: string) => void;
}

/** Replace the panel's content by the facts of `place`. */
export function showPlace(panel: HTMLElement, place: Place, context: PanelContext): void {
  const facts = place.sort === 'cell' ? cellFacts(place) : hotspotFacts(place);
  panel.replaceChildren(
    element('header', {}, panelHeading(headingOf(place)), button('Close', context.onClose, 'close')),
    scoreBlock(place, place.sort === 'cell' ? HOURS[context.when] : HOURS.all),
    needsBlock(place.needs),
    element('ul', { properties: { className: 'facts' } }, ...facts.map((fact) => element('li', {}, sentence(fact)))),
    ...around(context),
  );
}

function panelHeading(text: string): HTMLElement {
  return element('h2', { properties: { id: PANEL_HEADING, tabIndex: -1 } }, text);
}

function headingOf(place: Place): string {
  return place.sort === 'hotspot' ? hotspotName(place) : 'This place';
}

function scoreBlock(place: Place, hours: string): HTMLElement {
  return element('div', { properties: { className: 'score' } },
    element('p', {},
      element('strong', { properties: { className: 'figure' } }, scoreText(place.score)),
      ` out of 5 ${hours}`),
    intervalBar(place),
    paragraph(`Likely ${intervalText(place)}`, 'quiet'),
  );
}

/** Replace the panel's content by the news that the chosen place is not shown at this part of the day. */
export function showUnshown(panel: HTMLElement, { when, onClose }: Pick<PanelContext, 'when' | 'onClose'>): void {
  panel.replaceChildren(
    element('header', {}, panelHeading('This place'), button('Close', onClose, 'close')),
    paragraph(`Not enough audits ${HOURS[when]} to show it. That says nothing about the place.`),
  );
}

/** The interval on the colour scale; the words beside it say the same. */
function intervalBar({ score, low, high }: Place): HTMLElement {
  const range = element('span', { properties: { className: 'range' } });
  range.style.left = `${scorePercent(low)}%`;
  range.style.width = `${scorePercent(high) - scorePercent(low)}%`;
  const dot = element('span', { properties: { className: 'dot' } });
  dot.style.left = `${scorePercent(score)}%`;
  const bar = element('div', { properties: { className: 'ramp' }, attributes: { 'aria-hidden': 'true' } }, range, dot);
  bar.style.background = scoreGradient();
  return bar;
}

function needsBlock(needs: readonly string[]): HTMLElement {
  if (needs.length === 0) return paragraph(sentence(needsText(needs)));
  return element('div', { properties: { className: 'needs' } },
    element('p', {}, 'Needs'),
    element('ul', {}, ...needs.map((need) => element('li', {}, needText(need)))));
}

function cellFacts(cell: Cell): string[] {
  const { standing, lastAudit, trend, adjusted } = cell;
  return [
    `From ${voicesText(cell)}`,
    lastAudit && `Last audited in ${monthText(lastAudit)}`,
    standing && standingText(standing),
    trend && trendText(trend),
    adjusted ? '' : 'Not adjusted for how strictly each person rates',
  ].filter(Boolean);
}

function hotspotFacts(hotspot: Hotspot): string[] {
  const { cells, areaKm2, kind, trend, since, status } = hotspot;
  return [
    `${counted(cells, 'place', 'places')} side by side, ${areaKm2.toFixed(2)} km²`,
    kind && `Kind: ${plainText(kind).toLowerCase()}`,
    `From ${voicesText(hotspot)}`,
    since && `Seen since ${monthText(since)}`,
    trend && trendText(trend),
    status && statusText(status),
  ].filter(Boolean);
}

function around({ around: hotspot, onChoose }: PanelContext): HTMLElement[] {
  return hotspot ? [button(`Part of: ${hotspotName(hotspot)}`, () => onChoose(hotspot.id), 'wide')] : [];
}
