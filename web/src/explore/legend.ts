/** What the colours, hatches and outlines mean, in words. */

import type { City } from '../api';
import { element, paragraph } from '../dom';
import { BIN_COLOURS, PLAIN_COLOUR, REASON_COLOURS, scoreGradient } from '../palette';
import { say, shareText, type Word } from '../words';
import type { Subject } from './subjects';

/** A legend that opens and closes; its colour scale stays in sight. */
export function legend(city: City, subject: Subject, { open }: { open: boolean }): HTMLDetailsElement {
  return element('details', { properties: { className: 'legend', open } },
    element('summary', {}, element('span', { properties: { className: 'title' } }, say('what_colours_mean')),
      subject.look === 'score' ? scale() : null),
    paragraph(say(`about_${subject.name.replaceAll('-', '_')}` as Word)),
    element('ul', { properties: { className: 'keys' } }, ...keysOf(subject), ...always(city)));
}

function keysOf({ look }: Subject): HTMLElement[] {
  if (look === 'bins') return BIN_COLOURS.map(({ bin, colour, confidence }) =>
    key('plain', bin === 0 ? say('bin_none') : say(bin < 0 ? 'bin_low' : 'bin_high', { share: shareText(confidence) }), colour));
  if (look === 'reasons') return REASON_COLOURS.map(({ colour, words }) => key('plain', say(words), colour));
  if (look === 'plain') return [key('plain', say('key_plain'), PLAIN_COLOUR)];
  return [
    key('close', say('key_close')), key('rough', say('key_rough')), key('vague', say('key_vague')),
  ];
}

function always({ k }: City): HTMLElement[] {
  return [
    key('hotspot', say('key_hotspot')), key('work', say('key_work')),
    key('nothing', k === undefined ? say('key_nothing_some') : say('key_nothing', { n: k })),
  ];
}

function scale(): HTMLElement {
  const ramp = element('span', { properties: { className: 'ramp' } });
  ramp.style.background = scoreGradient();
  return element('span', { properties: { className: 'scale' } },
    element('span', {}, say('scale_low')), ramp, element('span', {}, say('scale_high')));
}

function key(name: string, words: string, colour = ''): HTMLElement {
  const swatch = element('span', { properties: { className: `swatch ${name}` }, attributes: { 'aria-hidden': 'true' } });
  if (colour) swatch.style.background = colour;
  return element('li', {}, swatch, words);
}
