/** What the colours, hatches and outlines mean, in words. */

import type { City } from '../api';
import { element, paragraph } from '../dom';
import { scoreGradient } from '../palette';

/** A legend that opens and closes; its colour scale stays in sight. */
export function legend({ k }: City, { open }: { open: boolean }): HTMLDetailsElement {
  const needed = k === undefined ? 'enough people' : `at least ${k} people`;
  return element('details', { properties: { className: 'legend', open } },
    element('summary', {}, element('span', { properties: { className: 'title' } }, 'What the colours mean'), scale()),
    paragraph('Each hexagon is a place. Its colour is its score, worked out from what people noted on the spot: '
      + 'from 0 (much is missing) to 5 (little is missing).'),
    element('ul', { properties: { className: 'keys' } },
      key('close', 'Plain: the score is known to about half a point.'),
      key('rough', 'Stripes: known to about one point.'),
      key('vague', 'Crossed stripes: a rough idea only.'),
      key('hotspot', 'Outline: a hotspot, neighbouring places that are clearly below the city together. '
        + 'Hotspots are worked out from all hours, by night from the night alone.'),
      key('nothing', `Nothing drawn: not enough audits to show. A place appears once ${needed} have audited it; `
        + 'until then nothing is said about it.')));
}

function scale(): HTMLElement {
  const ramp = element('span', { properties: { className: 'ramp' } });
  ramp.style.background = scoreGradient();
  return element('span', { properties: { className: 'scale' } },
    element('span', {}, '0 much is missing'), ramp, element('span', {}, 'little is missing 5'));
}

function key(name: string, words: string): HTMLElement {
  return element('li', {},
    element('span', { properties: { className: `swatch ${name}` }, attributes: { 'aria-hidden': 'true' } }), words);
}
