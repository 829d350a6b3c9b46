/** A run on demand, and the report of the last one. */

import { askJson, cityAddress } from '../api';
import { button, element, paragraph } from '../dom';
import { save } from '../explore/downloads';
import { LANGUAGES } from '../languages';
import { keyed } from '../published';

interface Job {
  job: number;
  status: 'waiting' | 'running' | 'done' | 'failed';
  run: number | null;
}

const ASK_EVERY_MS = 2000;
const WORDS: Record<Job['status'], string> = {
  waiting: 'It waits for its turn.',
  running: 'It is being computed.',
  done: 'Published',
  failed: 'It failed: the server\'s log says why.',
};

/** A part of the page that starts a run and follows it; `onDone` is called once it is published. */
export function running(slug: string, onDone: () => void): HTMLElement {
  const said = element('p', { attributes: { role: 'status' } });
  const progress = element('progress', { properties: { hidden: true }, attributes: { 'aria-label': 'The run' } });
  const start = button('Start a run', () => void run());
  const tell = ({ status, run: number }: Job, seconds: number): void => {
    said.textContent = status === 'done' ? `${WORDS.done} as run ${number}.` : `${WORDS[status]} ${seconds} s so far.`;
  };
  const run = async (): Promise<void> => {
    start.disabled = true;
    progress.hidden = false;
    const began = Date.now();
    try {
      let job = await askJson(`${cityAddress(slug)}/runs`, { ...keyed(slug), method: 'POST' }) as Job;
      tell(job, 0);
      while (job.status === 'waiting' || job.status === 'running') {
        await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
        job = await askJson(`${cityAddress(slug)}/runs/jobs/${job.job}`, keyed(slug)) as Job;
        tell(job, Math.round((Date.now() - began) / 1000));
      }
      if (job.status === 'done') onDone();
    } catch (error) {
      said.textContent = (error as Error).message;
    } finally {
      start.disabled = false;
      progress.hidden = true;
    }
  };
  return element('section', {}, element('h2', {}, 'Run'),
    paragraph('A run computes every layer anew from all audits. One is made each night; this one is made now.', 'quiet'),
    element('div', { properties: { className: 'row' } }, start, progress), said);
}

/** A part of the page that hands out the planners' report. */
export function report(slug: string): HTMLElement {
  const said = element('p', { attributes: { role: 'status' } });
  const lang = element('select', {}, ...Object.entries(LANGUAGES).map(([tag, name]) =>
    element('option', { properties: { value: tag } }, name)));
  const get = (path: string, name: string): void => {
    said.textContent = 'Writing…';
    save(slug, `/cities/${encodeURIComponent(slug)}/${path}?lang=${lang.value}`, name)
      .then(() => { said.textContent = `${name} is in your downloads.`; })
      .catch((error: unknown) => { said.textContent = (error as Error).message; });
  };
  return element('section', {}, element('h2', {}, 'Report'),
    paragraph('The city report for planners: a page to print, and its tables. Reading it is logged.', 'quiet'),
    element('div', { properties: { className: 'row' } }, element('label', {}, 'Language ', lang),
      button('As a page', () => get('report', `${slug}-report.html`)),
      button('As a workbook', () => get('report.xlsx', `${slug}-report.xlsx`))),
    said);
}
