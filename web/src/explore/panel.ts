/** The frame of what is known about the chosen place: its heading, and the ways out of it. */

import { button, element, paragraph } from '../dom';
import { say } from '../words';
import type { When } from './address';
import type { Subject } from './subjects';

/** id of the panel's heading, which names the panel and takes the focus */
export const PANEL_HEADING = 'panel-heading';

/** Replace the panel's content by a heading and what is said below it. */
export function fillPanel(panel: HTMLElement, heading: string, content: HTMLElement[], onClose: () => void): void {
  panel.replaceChildren(
    element('header', {},
      element('h2', { properties: { id: PANEL_HEADING, tabIndex: -1 } }, heading),
      button(say('close'), onClose, 'close')),
    ...content);
}

/** Replace the panel's content by the news that the chosen place is not shown at this part of the day. */
export function showUnshown(panel: HTMLElement, subject: Subject, when: When, onClose: () => void): void {
  fillPanel(panel, say(subject.here),
    [paragraph(say(subject.id === 'cell' ? `unshown_${when}` : 'unshown_name'))], onClose);
}
