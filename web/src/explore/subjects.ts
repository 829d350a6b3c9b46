/** What the page can show of a city: each subject with its layers, and how its places are drawn. */

import type { Word } from '../words';
import { type When, WHENS } from './address';

/** How the areas of a subject are coloured. */
export type Look = 'score' | 'bins' | 'reasons' | 'plain';

export interface Subject {
  /** in the address */
  name: string;
  label: Word;
  /** the published layer that it stands for, at each part of the day */
  layers: Record<When, string>;
  /** the field that names a feature */
  id: 'cell' | 'id';
  look: Look;
  planner: boolean;
  /** one of its features, and how many of them are in view */
  here: Word;
  inView: Word;
}

/** What is drawn as areas: one of them at a time. */
export const AREAS: readonly Subject[] = [
  {
    name: 'cells', label: 'subject_cells', layers: { all: 'cells', day: 'cells-day', night: 'cells-night' },
    id: 'cell', look: 'score', planner: false, here: 'this_place', inView: 'places_in_view',
  },
  always({ name: 'zones', label: 'subject_zones', id: 'id', look: 'score', here: 'this_zone', inView: 'zones_in_view' }),
  planners({ name: 'cells-now', label: 'subject_cells_now', id: 'cell', look: 'score', here: 'this_place', inView: 'places_in_view' }),
  planners({ name: 'gaps', label: 'subject_gaps', id: 'cell', look: 'reasons', here: 'this_place', inView: 'places_in_view' }),
  planners({ name: 'dark-spots', label: 'subject_dark_spots', id: 'cell', look: 'plain', here: 'this_place', inView: 'dark_in_view' }),
  planners({ name: 'incident-clusters', label: 'subject_incident_clusters', id: 'id', look: 'plain', here: 'this_cluster', inView: 'clusters_in_view' }),
  planners({ name: 'cells-reference', label: 'subject_cells_reference', id: 'cell', look: 'bins', here: 'this_place', inView: 'places_in_view' }),
];

/**
 * What is outlined above the areas. There is no hotspot layer of the day: by day the map shows those found from all
 * hours together.
 */
export const HOTSPOTS: Subject = {
  name: 'hotspots', label: 'layer_hotspots', layers: { all: 'hotspots', day: 'hotspots', night: 'hotspots-night' },
  id: 'id', look: 'plain', planner: false, here: 'this_hotspot', inView: 'places_in_view',
};
export const HOTSPOTS_NOW = planners({
  name: 'hotspots-now', label: 'layer_hotspots_now', id: 'id', look: 'plain', here: 'this_hotspot', inView: 'places_in_view',
});
export const INTERVENTIONS = always({
  name: 'interventions', label: 'part_works', id: 'id', look: 'plain', here: 'this_work', inView: 'places_in_view',
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
