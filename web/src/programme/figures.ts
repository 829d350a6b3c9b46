/** What cities publish of themselves, put beside each other. */

import { askJson } from '../api';
import { say } from '../words';

export interface Indicator {
  id: string;
  value: number | null;
  /** ends of the 95 % interval, where one is published */
  low: number | null;
  high: number | null;
  /** empty for everybody at any hour */
  group: string;
}

/** A city of this server or of another. */
export interface Member {
  name: string;
  /** the map of one of ours, the indicator file of another's */
  address: string;
  isOurs: boolean;
  asOf: string | null;
  problem: string | null;
  indicators: Indicator[];
  /** how many shown places have each trend; null where that is not published */
  trends: Record<string, number> | null;
}

interface Programme {
  cities: { slug: string; name: string; as_of: string | null; indicators: Indicator[]; trends: Record<string, number> }[];
  others: { name: string; address: string; as_of: string | null; problem: string | null; indicators: Indicator[] }[];
}

/** Every city, by name. Raises Unreachable or Refused. */
export async function listMembers(): Promise<Member[]> {
  const { cities, others } = await askJson('/api/v1/programme') as Programme;
  const ours = cities.map(({ slug, name, as_of: asOf, indicators, trends }): Member => ({
    name, address: `/?city=${encodeURIComponent(slug)}`, isOurs: true, asOf, indicators, trends,
    problem: asOf === null ? say('nothing_published') : null,
  }));
  const theirs = others.map(({ as_of: asOf, ...rest }): Member => ({ ...rest, asOf, isOurs: false, trends: null }));
  return [...ours, ...theirs].sort((a, b) => a.name.localeCompare(b.name));
}

/** One indicator of one group in one city. */
export interface Row {
  member: Member;
  value: number;
  interval: readonly [low: number, high: number] | null;
}

export function rowsOf(members: readonly Member[], id: string, group: string): Row[] {
  return members.flatMap((member) => {
    const found = member.indicators.find((one) => one.id === id && one.group === group);
    if (!found || found.value === null) return [];
    const interval = found.low !== null && found.high !== null ? [found.low, found.high] as const : null;
    return [{ member, value: found.value, interval }];
  });
}

/** Pairs of cities of which the first is higher by more than both intervals allow for. */
export function orderKnown(rows: readonly Row[]): [Row, Row][] {
  return rows.flatMap((one) => rows.flatMap((other): [Row, Row][] =>
    (one.interval && other.interval && one.interval[0] > other.interval[1] ? [[one, other]] : [])));
}
