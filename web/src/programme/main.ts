/** `/programme`: ask for every city, and show them. */

import { element, paragraph } from '../dom';
import { failure } from '../explore/notices';
import { showChosenTheme } from '../theme';
import { say, speakToReader } from '../words';
import { listMembers } from './figures';
import { Programme } from './programme';

async function start(): Promise<void> {
  const waiting = paragraph(say('loading_cities'), 'notice');
  waiting.setAttribute('role', 'status');
  fill(waiting);
  document.title = `${say('page_programme')} · safeaudit`;
  try {
    document.body.replaceChildren(new Programme(await listMembers()).root);
  } catch (error) {
    fill(failure(error, () => void start()));
  }
}

function fill(content: HTMLElement): void {
  document.body.replaceChildren(element('main', { properties: { className: 'alone' } }, content));
}

showChosenTheme();
void speakToReader().then(start);
