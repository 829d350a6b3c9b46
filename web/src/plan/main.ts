/** `/plan`: find the city and a planner's key, and begin. */

import { type City, getCity, listCities } from '../api';
import { element, paragraph } from '../dom';
import { languageChoice } from '../doors';
import { keyForm } from '../explore/keyform';
import { failure, noCity, unknownCity } from '../explore/notices';
import { keyOf } from '../key';
import { showChosenTheme } from '../theme';
import { say, speakToReader } from '../words';
import { Plan } from './plan';

async function start(): Promise<void> {
  const waiting = paragraph(say('loading_city'), 'notice');
  waiting.setAttribute('role', 'status');
  fill(waiting);
  try {
    const cities = await listCities();
    const wanted = new URLSearchParams(location.search).get('city') ?? cities[0]?.slug;
    if (wanted === undefined) return fill(noCity());
    const listed = cities.find(({ slug }) => slug === wanted);
    if (!listed) return fill(unknownCity(wanted, cities));
    const city = { ...listed, ...await getCity(wanted) };
    document.title = `${say('plan_city', { city: city.name })} · safeaudit`;
    if (keyOf(city.slug) === null) return fill(gate(city));
    const plan = new Plan(city);
    await plan.load();
    document.body.replaceChildren(plan.root);
    plan.begin();
  } catch (error) {
    fill(failure(error, () => void start()));
  }
}

/** What somebody without a key meets. */
function gate(city: City): HTMLElement {
  const form = keyForm(city, () => void start());
  form.open = true;
  return element('div', { properties: { className: 'notice' }, attributes: { 'data-state': 'no-key' } },
    element('h1', {}, say('plan_city', { city: city.name })), paragraph(say('plan_for')), form, languageChoice());
}

function fill(content: HTMLElement): void {
  document.body.replaceChildren(element('main', { properties: { className: 'alone' } }, content));
}

showChosenTheme();
void speakToReader().then(start);
