/** What is published about one place, in words: a heading, and what stands below it, for each kind of subject. */

import { element, paragraph } from '../dom';
import { scoreGradient, scorePercent } from '../palette';
import type { LayerField } from '../published';
import {
  areaText, around, causeText, dayText, effectText, figureText, hotspotName, intervalText, kindText, listText, missingText,
  monthText,
  needsText, needText, plainText, say, scoreText, sentence, shareText, standingText, statusText, trendText, voicesText,
  whyText, workStatusText,
} from '../words';
import type { When } from './address';
import { type Place, type Score, scoreOf } from './features';

/** What a place is called. */
export function headingOf({ subject, id, fields }: Place): string {
  if (subject.name.startsWith('hotspots')) return hotspotName({ id, near: fields.text('near') });
  if (subject.name === 'incident-clusters') return plainText(fields.text('kind'));
  return fields.text('name') || (fields.text('near') ? say('near', { name: fields.text('near') }) : say('this_place'));
}

/** All that is said of a place at a part of the day; `fields` of its layer name the planners' figures. */
export function factsOf(place: Place, when: When, fields: readonly LayerField[]): HTMLElement[] {
  const score = scoreOf(place);
  const hours = place.subject.layers[when] === place.subject.layers.all ? 'all' : when;
  return [
    ...score ? [scoreBlock(score, hours)] : [],
    ...'needs' in place.fields.values ? [needsBlock(place.fields.list('needs'))] : [],
    element('ul', { properties: { className: 'facts' } },
      ...sentences(place).map((fact) => element('li', {}, sentence(fact)))),
    ...place.subject.name === 'zones' ? [sharesOf(place)] : [],
    ...place.subject.planner ? [figures(place, fields)] : [],
  ];
}

function scoreBlock(score: Score, hours: When): HTMLElement {
  const [before, after] = around(`score_${hours}`, 'score');
  return element('div', { properties: { className: 'score' } },
    element('p', {}, before, element('strong', { properties: { className: 'figure' } }, scoreText(score.score)), after),
    intervalBar(score),
    paragraph(say('likely_interval', { interval: intervalText(score) }), 'quiet'));
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
    element('p', {}, say('needs')),
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
    say('from_voices', { voices: voicesText(fields.number('auditors_min'), fields.known('audits_min')) }),
    fields.text('last_audit') && say('last_audited_in', { month: monthText(fields.text('last_audit')) }),
    fields.text('class') && standingText(fields.text('class')),
    fields.text('trend') && trendText(fields.text('trend')),
    causes(fields.list('causes')),
    !fields.flag('adjusted') && say('unadjusted'),
  );
}

function aboutHotspot({ fields }: Place): string[] {
  const kind = fields.text('kind');
  return told(
    say('side_by_side', { n: fields.number('cells'), area: areaText(fields.number('area_km2')) }),
    kind && say('kind_is', { kind: kindText(kind) }),
    causes(fields.list('causes')),
    say('from_voices', { voices: voicesText(fields.number('auditors_min'), null) }),
    fields.text('since') && say('seen_since', { day: dayText(fields.text('since')) }),
    fields.text('trend') && trendText(fields.text('trend')),
    fields.text('status') && statusText(fields.text('status')),
  );
}

function aboutZone({ fields }: Place): string[] {
  const [low, high] = [fields.known('rank_low'), fields.known('rank_high')];
  return told(
    say('in_set', { name: fields.text('set') }),
    fields.known('score') === null && say('zone_unshown'),
    low !== null && high !== null && (low === high ? say('zone_rank', { rank: low }) : say('zone_ranks', { low, high })),
    fields.text('attribution')
      && say('shape_by', { names: listText([fields.text('attribution'), fields.text('licence')].filter(Boolean)) }),
  );
}

function aboutWork({ fields }: Place): string[] {
  const [effect, low, high] = ['effect', 'effect_low', 'effect_high'].map((name) => fields.known(name));
  const [from = '', to = ''] = [fields.text('from'), fields.text('to')].map(dayText);
  return told(
    say('two_facts', { one: plainText(fields.text('kind')), other: workStatusText(fields.text('status')) }),
    to ? say('from_to', { from, to }) : say('from_on', { from }),
    fields.text('targets') && say('meant_to_raise', { ratings: listText(fields.list('targets').map(needText)) }),
    fields.text('owner') && say('in_charge', { owner: fields.text('owner') }),
    effect != null && low != null && high != null
      ? say('what_it_did', { effect: effectText({ effect, low, high }) })
      : say('effect_awaited', { n: fields.known('follow_up_days') ?? 90 }),
  );
}

function aboutGap({ fields }: Place): string[] {
  const missing = fields.list('missing').map(missingText);
  return told(
    say('gap_rank', { rank: fields.number('rank') }),
    ...fields.list('why').map(whyText),
    missing.length > 0 && say('missing_are', { groups: listText(missing) }),
  );
}

function aboutDarkness({ fields }: Place): string[] {
  const light = { low: figureText(fields.number('lighting_low')), high: figureText(fields.number('lighting_high')) };
  return told(
    say('light_at_night', { mean: figureText(fields.number('lighting_mean')), interval: say('between', light) }),
    fields.text('streets') && say('streets_are', { names: listText(fields.list('streets')) }),
    fields.text('owners') && say('streets_belong', { names: listText(fields.list('owners')) }),
    fields.text('agency') && say('ask_for_light', { agency: fields.text('agency') }),
    say('from_voices_night', { voices: voicesText(fields.number('auditors_min'), fields.known('audits_min')) }),
  );
}

const SHARES = ['audited', 'hotspot', 'dark', 'feel_safe', 'below_standard'] as const;

function sharesOf({ fields }: Place): HTMLElement {
  const known = SHARES.filter((name) => fields.known(`${name}_share`) !== null);
  return element('dl', { properties: { className: 'shares' } }, ...known.map((name) =>
    element('div', {}, element('dt', {}, say(`share_${name}`)), element('dd', {}, shareText(fields.known(`${name}_share`))))));
}

/** Every figure of the layer, for planners: title and value as the layer has them. */
function figures({ fields }: Place, of: readonly LayerField[]): HTMLElement {
  const known = of.filter(({ name }) => fields.values[name] !== undefined && fields.values[name] !== null
    && fields.values[name] !== '');
  const value = (name: string): string => {
    const found = fields.values[name];
    return typeof found === 'number' ? figureText(found) : listText(String(found).split(';'));
  };
  return element('details', { properties: { className: 'figures-all' } },
    element('summary', {}, say('every_figure')),
    element('dl', {}, ...known.map(({ name, title }) =>
      element('div', {}, element('dt', {}, title), element('dd', {}, value(name))))));
}

function causes(named: readonly string[]): string {
  return named.length > 0 ? say('causes', { causes: listText(named.map(causeText)) }) : '';
}

function told(...facts: (string | false)[]): string[] {
  return facts.filter((fact): fact is string => Boolean(fact));
}
