/** `/`: find the city that the address names, and show it. */

import { type City, getCity, listCities } from '../api';
import { element, paragraph } from '../dom';
import { showChosenTheme } from '../theme';
import { say, speakToReader } from '../words';
import { canDraw } from './drawable';
import { Explore } from './explore';
import { failure, noCity, unknownCity } from './notices';

async function start(): Promise<void> {
  const waiting = paragraph(say('loading_city'), 'notice');
  waiting.setAttribute('role', 'status');
  fill(waiting);
  try {
    const named = new URLSearchParams(location.search).get('city');
    const listing = listCities();
    if (new URLSearchParams(location.hash.slice(1)).get('view') !== 'table') fetchEngineMeanwhile();
    const cities = await listing;
    const wanted = named ?? cities[0]?.slug;
    if (wanted === undefined) return fill(noCity());
    const listed = cities.find(({ slug }) => slug === wanted);
    if (!listed) return fill(unknownCity(wanted, cities));
    await show({ ...listed, ...await getCity(wanted) }, cities);
  } catch (error) {
    fill(failure(error, () => void start()));
  }
}

/** Save a journey after the city has come; where it fails, drawing asks again and tells. */
function fetchEngineMeanwhile(): void {
  if (canDraw()) import('./map').catch(() => undefined);
}

async function show(city: City, cities: readonly City[]): Promise<void> {
  document.title = `${city.name} · safeaudit`;
  const explore = new Explore(city, cities);
  document.body.replaceChildren(explore.shell.root);
  await explore.open();
}

function fill(content: HTMLElement): void {
  document.body.replaceChildren(element('main', { properties: { className: 'alone' } }, content));
}

showChosenTheme();
void speakToReader().then(start);
