/** What the page can show of a city: each subject with its layers, and how its places are drawn. */

import { type When, WHENS } from './address';

/** How the areas of a subject are coloured. */
export type Look = 'score' | 'bins' | 'reasons' | 'plain';

export interface Subject {
  /** in the address */
  name: string;
  label: string;
  /** the published layer that it stands for, at each part of the day */
  layers: Record<When, string>;
  /** the field that names a feature */
  id: 'cell' | 'id';
  look: Look;
  planner: boolean;
  /** one of its features, many of them */
  one: string;
  many: string;
}

/** What is drawn as areas: one of them at a time. */
export const AREAS: readonly Subject[] = [
  {
    name: 'cells', label: 'Places', layers: { all: 'cells', day: 'cells-day', night: 'cells-night' },
    id: 'cell', look: 'score', planner: false, one: 'place', many: 'places',
  },
  always({ name: 'zones', label: 'Zones', id: 'id', look: 'score', one: 'zone', many: 'zones' }),
  planners({ name: 'cells-now', label: 'Places, all audits', id: 'cell', look: 'score', one: 'place', many: 'places' }),
  planners({ name: 'gaps', label: 'Where to audit next', id: 'cell', look: 'reasons', one: 'place', many: 'places' }),
  planners({ name: 'dark-spots', label: 'Dark places', id: 'cell', look: 'plain', one: 'dark place', many: 'dark places' }),
  planners({ name: 'incident-clusters', label: 'Incidents', id: 'id', look: 'plain', one: 'cluster', many: 'clusters' }),
  planners({ name: 'cells-reference', label: 'Gi* reference', id: 'cell', look: 'bins', one: 'place', many: 'places' }),
];

/**
 * What is outlined above the areas. There is no hotspot layer of the day: by day the map shows those found from all
 * hours together.
 */
export const HOTSPOTS: Subject = {
  name: 'hotspots', label: 'Hotspots', layers: { all: 'hotspots', day: 'hotspots', night: 'hotspots-night' },
  id: 'id', look: 'plain', planner: false, one: 'hotspot', many: 'hotspots',
};
export const HOTSPOTS_NOW = planners({
  name: 'hotspots-now', label: 'Hotspots, all audits', id: 'id', look: 'plain', one: 'hotspot', many: 'hotspots',
});
export const INTERVENTIONS = always({
  name: 'interventions', label: 'Work', id: 'id', look: 'plain', one: 'work', many: 'works',
});

const EVERY: readonly Subject[] = [...AREAS, HOTSPOTS, HOTSPOTS_NOW, INTERVENTIONS];

export const PLACES = AREAS[0] as Subject;

export function subjectNamed(name: string): Subject | undefined {
  return EVERY.find((subject) => subject.name === name);
}

/** The hotspots that go with an area: planners' with planners'. */
export function hotspotsBeside({ planner }: Subject): Subject {
  return planner ? HOTSPOTS_NOW : HOTSPOTS;
}

/** Whether the subject is another by day than by night. */
export function hasParts({ layers }: Subject): boolean {
  return WHENS.some((when) => layers[when] !== layers.all);
}

function always(said: Omit<Subject, 'layers' | 'planner'>): Subject {
  return { ...said, layers: { all: said.name, day: said.name, night: said.name }, planner: false };
}

function planners(said: Omit<Subject, 'layers' | 'planner'>): Subject {
  return { ...always(said), planner: true };
}
