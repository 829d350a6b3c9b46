/** What is published about one place, in words: a heading, and what stands below it, for each kind of subject. */

import { element, paragraph } from '../dom';
import { scoreGradient, scorePercent } from '../palette';
import type { LayerField } from '../published';
import {
  causeText, counted, dayText, effectText, figureText, hotspotName, HOURS, intervalText, missingText, monthText,
  needsText, needText, plainText, scoreText, sentence, shareText, standingText, statusText, trendText, voicesText, whyText,
  workStatusText,
} from '../words';
import type { When } from './address';
import { type Place, type Score, scoreOf } from './features';

/** What a place is called. */
export function headingOf({ subject, id, fields }: Place): string {
  if (subject.name.startsWith('hotspots')) return hotspotName({ id, near: fields.text('near') });
  if (subject.name === 'incident-clusters') return plainText(fields.text('kind'));
  return fields.text('name') || (fields.text('near') ? `Near ${fields.text('near')}` : 'This place');
}

/** All that is said of a place at a part of the day; `fields` of its layer name the planners' figures. */
export function factsOf(place: Place, when: When, fields: readonly LayerField[]): HTMLElement[] {
  const score = scoreOf(place);
  const hours = place.subject.layers[when] === place.subject.layers.all ? HOURS.all : HOURS[when];
  return [
    ...score ? [scoreBlock(score, hours)] : [],
    ...'needs' in place.fields.values ? [needsBlock(place.fields.list('needs'))] : [],
    element('ul', { properties: { className: 'facts' } },
      ...sentences(place).map((fact) => element('li', {}, sentence(fact)))),
    ...place.subject.name === 'zones' ? [sharesOf(place)] : [],
    ...place.subject.planner ? [figures(place, fields)] : [],
  ];
}

function scoreBlock(score: Score, hours: string): HTMLElement {
  return element('div', { properties: { className: 'score' } },
    element('p', {},
      element('strong', { properties: { className: 'figure' } }, scoreText(score.score)), ` out of 5 ${hours}`),
    intervalBar(score),
    paragraph(`Likely ${intervalText(score)}`, 'quiet'));
}

/** The interval on the colour scale; the words beside it say the same. */
function intervalBar({ score, low, high }: Score): HTMLElement {
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

function sentences(place: Place): string[] {
  const { name } = place.subject;
  if (name.startsWith('hotspots')) return aboutHotspot(place);
  if (name === 'zones') return aboutZone(place);
  if (name === 'interventions') return aboutWork(place);
  if (name === 'gaps') return aboutGap(place);
  if (name === 'dark-spots') return aboutDarkness(place);
  return name.startsWith('cells') ? aboutCell(place) : [];
}

function aboutCell({ fields }: Place): string[] {
  if (fields.known('auditors_min') === null) return [];
  return told(
    `From ${voices(fields.number('auditors_min'), fields.known('audits_min'))}`,
    fields.text('last_audit') && `Last audited in ${monthText(fields.text('last_audit'))}`,
    fields.text('class') && standingText(fields.text('class')),
    fields.text('trend') && trendText(fields.text('trend')),
    causes(fields.list('causes')),
    fields.flag('adjusted') ? '' : 'Not adjusted for how strictly each person rates',
  );
}

function aboutHotspot({ fields }: Place): string[] {
  const kind = fields.text('kind');
  return told(
    `${counted(fields.number('cells'), 'place', 'places')} side by side, ${fields.number('area_km2').toFixed(2)} km²`,
    kind && `Kind: ${plainText(kind).toLowerCase()}`,
    causes(fields.list('causes')),
    `From ${voices(fields.number('auditors_min'), null)}`,
    fields.text('since') && `Seen since ${dayText(fields.text('since'))}`,
    fields.text('trend') && trendText(fields.text('trend')),
    fields.text('status') && statusText(fields.text('status')),
  );
}

function aboutZone({ fields }: Place): string[] {
  const [low, high] = [fields.known('rank_low'), fields.known('rank_high')];
  return told(
    `In the set ${fields.text('set')}`,
    fields.known('score') === null ? 'No place in it has enough audits to show. That says nothing about it' : '',
    low !== null && high !== null && (low === high ? `Place ${low} of its set, from the lowest score`
      : `Somewhere from place ${low} to ${high} of its set: zones whose ranges overlap have no known order`),
    fields.text('attribution') && `Shape: ${[fields.text('attribution'), fields.text('licence')].filter(Boolean).join(', ')}`,
  );
}

function aboutWork({ fields }: Place): string[] {
  const [effect, low, high] = ['effect', 'effect_low', 'effect_high'].map((name) => fields.known(name));
  const [begin, end] = [fields.text('from'), fields.text('to')].map(dayText);
  return told(
    `${plainText(fields.text('kind'))}, ${workStatusText(fields.text('status'))}`,
    end ? `From ${begin} to ${end}` : `From ${begin} on`,
    fields.text('targets') && `Meant to raise ${fields.list('targets').map(needText).join(', ')}`,
    fields.text('owner') && `In charge: ${fields.text('owner')}`,
    effect != null && low != null && high != null
      ? `What it did: ${effectText({ effect, low, high })}`
      : `Its effect is told ${fields.known('follow_up_days') ?? 90} days after it is complete, if enough people audit it `
        + 'before and after',
  );
}

function aboutGap({ fields }: Place): string[] {
  const missing = fields.list('missing').map(missingText);
  return told(
    `Number ${fields.number('rank')} on the list of where audits tell most`,
    ...fields.list('why').map(whyText),
    missing.length > 0 && `Missing: ${missing.join(', ')}`,
  );
}

function aboutDarkness({ fields }: Place): string[] {
  return told(
    `Light at night: ${figureText(fields.number('lighting_mean'))}, likely between `
      + `${figureText(fields.number('lighting_low'))} and ${figureText(fields.number('lighting_high'))}`,
    fields.text('streets') && `Streets: ${fields.list('streets').join(', ')}`,
    fields.text('owners') && `They belong to ${fields.list('owners').join(', ')}`,
    fields.text('agency') && `For light, ask ${fields.text('agency')}`,
    `From ${voices(fields.number('auditors_min'), fields.known('audits_min'))}, by night`,
  );
}

const SHARES = {
  audited_share: 'of its places have enough audits to be shown',
  hotspot_share: 'of these are clearly below the city',
  dark_share: 'of these are expected to be darker than the middle of the scale',
  feel_safe_share: 'of these are expected to be where people feel safe',
  below_standard_share: 'of these are expected to be below the city\'s own standard',
} as const;

function sharesOf({ fields }: Place): HTMLElement {
  const known = Object.entries(SHARES).filter(([name]) => fields.known(name) !== null);
  return element('dl', { properties: { className: 'shares' } }, ...known.map(([name, words]) =>
    element('div', {}, element('dt', {}, words), element('dd', {}, shareText(fields.known(name))))));
}

/** Every figure of the layer, for planners: title and value as the layer has them. */
function figures({ fields }: Place, of: readonly LayerField[]): HTMLElement {
  const known = of.filter(({ name }) => fields.values[name] !== undefined && fields.values[name] !== null
    && fields.values[name] !== '');
  const value = (name: string): string => {
    const found = fields.values[name];
    return typeof found === 'number' ? figureText(found) : String(found).replaceAll(';', ', ');
  };
  return element('details', { properties: { className: 'figures-all' } },
    element('summary', {}, 'Every figure'),
    element('dl', {}, ...known.map(({ name, title }) =>
      element('div', {}, element('dt', {}, title), element('dd', {}, value(name))))));
}

function voices(auditors: number, audits: number | null): string {
  return voicesText(audits === null ? { auditors } : { auditors, audits });
}

function causes(named: readonly string[]): string {
  return named.length > 0 ? `What brings the score down: ${named.map(causeText).join(', ')}` : '';
}

function told(...facts: (string | false)[]): string[] {
  return facts.filter((fact): fact is string => Boolean(fact));
}
