/** What the colours, hatches and outlines mean, in words. */

import type { City } from '../api';
import { element, paragraph } from '../dom';
import { BIN_COLOURS, PLAIN_COLOUR, REASON_COLOURS, scoreGradient } from '../palette';
import type { Subject } from './subjects';

const ABOUT: Record<string, string> = {
  cells: 'Each hexagon is a place. Its colour is its score, worked out from what people noted on the spot: '
    + 'from 0 (much is missing) to 5 (little is missing).',
  zones: 'Each zone has the colour of the mean score of its places that have enough audits. It says little where few of '
    + 'them have: a click tells the share.',
  'cells-now': 'Each hexagon is a place, from all audits so far, also those that wait to be shown to everybody. '
    + 'For planners: do not pass it on.',
  gaps: 'Hexagons where a few more audits would tell most.',
  'dark-spots': 'Hexagons where lighting at night is credibly below the middle of its scale.',
  'incident-clusters': 'Where recorded incidents, or hazards that people reported, crowd. They are part of no score.',
  'cells-reference': 'Getis-Ord Gi* of plain means, as other software gives it: where low or high values crowd. '
    + 'It corrects neither for who audits nor for how strictly.',
};

/** A legend that opens and closes; its colour scale stays in sight. */
export function legend(city: City, subject: Subject, { open }: { open: boolean }): HTMLDetailsElement {
  return element('details', { properties: { className: 'legend', open } },
    element('summary', {}, element('span', { properties: { className: 'title' } }, 'What the colours mean'),
      subject.look === 'score' ? scale() : null),
    paragraph(ABOUT[subject.name] ?? ''),
    element('ul', { properties: { className: 'keys' } }, ...keysOf(subject), ...always(city)));
}

function keysOf({ look }: Subject): HTMLElement[] {
  if (look === 'bins') return BIN_COLOURS.map(({ colour, words }) => key('plain', words, colour));
  if (look === 'reasons') return REASON_COLOURS.map(({ colour, words }) => key('plain', words, colour));
  if (look === 'plain') return [key('plain', 'Shown.', PLAIN_COLOUR)];
  return [
    key('close', 'Plain: the score is known to about half a point.'),
    key('rough', 'Stripes: known to about one point.'),
    key('vague', 'Crossed stripes: a rough idea only.'),
  ];
}

function always({ k }: City): HTMLElement[] {
  const needed = k === undefined ? 'enough people' : `at least ${k} people`;
  return [
    key('hotspot', 'Outline: a hotspot, neighbouring places that are clearly below the city together. '
      + 'Hotspots are worked out from all hours, by night from the night alone.'),
    key('work', 'Dashes: work that was done, is under way or is planned.'),
    key('nothing', `Nothing drawn: not enough audits to show. A place appears once ${needed} have audited it; `
      + 'until then nothing is said about it.'),
  ];
}

function scale(): HTMLElement {
  const ramp = element('span', { properties: { className: 'ramp' } });
  ramp.style.background = scoreGradient();
  return element('span', { properties: { className: 'scale' } },
    element('span', {}, '0 much is missing'), ramp, element('span', {}, 'little is missing 5'));
}

function key(name: string, words: string, colour = ''): HTMLElement {
  const swatch = element('span', { properties: { className: `swatch ${name}` }, attributes: { 'aria-hidden': 'true' } });
  if (colour) swatch.style.background = colour;
  return element('li', {}, swatch, words);
}
