/** What was and is being done about a place. */

import { button, element, paragraph } from '../dom';
import type { Intervention, ServiceRequest } from '../published';
import { clauses, effectText, say, sentence, workStatusText } from '../words';
import type { Place } from './features';
import { centreOf, contains, touch } from './geometry';

/** The work at a place: in a cell whose centre it covers or that holds it, in a larger area that it touches. */
export function worksAt({ subject, geometry }: Place, works: readonly Intervention[]): Intervention[] {
  return works.filter(({ area, status }) => status !== 'cancelled' && (subject.id === 'cell'
    ? contains(area, centreOf(geometry)) || contains(geometry, centreOf(area))
    : touch(area, geometry)));
}

/** "What happened here": each work as a way to it, with what it did and how an agency answered. */
export function happened(works: readonly Intervention[], onChoose: (id: string) => void): HTMLElement {
  return element('section', { properties: { className: 'happened' } },
    element('h3', {}, say('happened')),
    works.length === 0 ? paragraph(say('happened_nothing'), 'quiet')
      : element('ul', {}, ...works.map((work) => element('li', {},
        button(work.name, () => onChoose(work.intervention), 'link'),
        element('span', {}, ` ${sentence(aboutWork(work))}`)))));
}

function aboutWork({ status, effect, effect_low: low, effect_high: high, request }: Intervention): string {
  return clauses([
    workStatusText(status),
    effect !== null && low !== null && high !== null && effectText({ effect, low, high }),
    request && requestText(request),
  ].filter((one): one is string => Boolean(one)));
}

/** How a request to an agency stands, in words. */
export function requestText({ service_request_id: number, status, state }: ServiceRequest): string {
  const request = number ? say('request_numbered', { number }) : say('request');
  if (status) return say('request_is', { request, status });
  return state && state !== 'sent' ? say('request_state', { request, state }) : request;
}
