/** A run on demand, and the report of the last one. */

import { askJson, cityAddress } from '../api';
import { button, element, paragraph } from '../dom';
import { save } from '../explore/downloads';
import { LANGUAGES } from '../languages';
import { keyed } from '../published';
import { say, shareText, spoken } from '../words';

interface Job {
  job: number;
  status: 'waiting' | 'running' | 'done' | 'failed';
  run: number | null;
  /** of the work, 0..1; null until it begins */
  share: number | null;
}

const ASK_EVERY_MS = 2000;

/** A part of the page that starts a run and follows it; `onDone` is called once it is published. */
export function running(slug: string, onDone: () => void): HTMLElement {
  const said = element('p', { attributes: { role: 'status' } });
  const progress = element('progress', { properties: { hidden: true }, attributes: { 'aria-label': say('the_run') } });
  const start = button(say('run_start'), () => void run());
  const tell = (job: Job, seconds: number): void => {
    const isOver = job.status === 'done' || job.status === 'failed';
    said.textContent = isOver ? stateText(job) : say('run_since', { text: stateText(job), n: seconds });
    if (job.share === null) progress.removeAttribute('value');
    else progress.value = job.share;
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
  return element('section', {}, element('h2', {}, say('run')), paragraph(say('run_about'), 'quiet'),
    element('div', { properties: { className: 'row' } }, start, progress), said);
}

function stateText({ status, run, share }: Job): string {
  if (status === 'done') return say('run_done', { run: String(run) });
  return status === 'running' ? say('run_running', { share: shareText(share ?? 0) }) : say(`run_${status}`);
}

/** A part of the page that hands out the planners' report. */
export function report(slug: string): HTMLElement {
  const said = element('p', { attributes: { role: 'status' } });
  const lang = element('select', {}, ...Object.entries(LANGUAGES).map(([tag, name]) =>
    element('option', { properties: { value: tag, selected: tag === spoken().language } }, name)));
  const get = (path: string, name: string): void => {
    said.textContent = say('writing');
    save(slug, `/cities/${encodeURIComponent(slug)}/${path}?lang=${lang.value}`, name)
      .then(() => { said.textContent = say('in_downloads', { name }); })
      .catch((error: unknown) => { said.textContent = (error as Error).message; });
  };
  return element('section', {}, element('h2', {}, say('report')), paragraph(say('report_about'), 'quiet'),
    element('div', { properties: { className: 'row' } }, element('label', {}, `${say('report_language')} `, lang),
      button(say('as_page'), () => get('report', `${slug}-report.html`)),
      button(say('as_workbook'), () => get('report.xlsx', `${slug}-report.xlsx`))),
    said);
}
