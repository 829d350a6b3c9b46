/** Who audits with this phone. */

import { all, change, get, put, remove, set, setting } from './database';
import { freshId } from './audits';
import type { Consent, Person, Profile } from './model';
import { acceptMove } from './server';

/** Who last audited in a city (in any, where null) with this phone, or as a part of this walk; else null. */
export async function findPerson(city: string | null, walk: string | null): Promise<Person | null> {
  const here = (await all('people')).filter((person) =>
    !person.leaving && (city === null || person.city === city) && (walk === null || person.walk === walk));
  const last = await setting<string | null>('current', null);
  return here.find(({ id }) => id === last) ?? here[0] ?? null;
}

/** Everybody who has not handed the phone on. */
export async function everybody(): Promise<Person[]> {
  return (await all('people')).filter(({ leaving }) => !leaving);
}

export async function makeCurrent({ id }: Person): Promise<void> {
  await set('current', id);
}

/** Somebody new, who is enrolled with the next sending. */
export async function begin(
  { city, walk, profile, consent, locale }:
  { city: string; walk: string | null; profile: Profile; consent: Consent | null; locale: string },
): Promise<Person> {
  const person: Person = {
    id: freshId(), city, walk, token: null, ended: false, leaving: false, minor: profile.age_band === 'under_18',
    profile, locale, ...(consent ? { consent } : {}),
  };
  await put('people', person);
  await makeCurrent(person);
  return person;
}

/** Take over the pseudonym of another phone by its code. Raises Unreachable or Refused. */
export async function moveHere(city: string, code: string): Promise<Person> {
  const { token } = await acceptMove(city, code);
  const person: Person = { id: freshId(), city, walk: null, token, ended: false, leaving: false, minor: false };
  await put('people', person);
  await makeCurrent(person);
  return person;
}

/** The server no longer knew her: with the next sending she gets another pseudonym, and what waits goes with it. */
export async function rejoin({ id }: Person, { walk }: { walk: string | null }): Promise<void> {
  await change('people', id, (person) => ({ ...person, walk, token: null, ended: false }));
}

/** Somebody else gets the phone: she is forgotten here once nothing of hers waits. */
export async function leave({ id }: Person): Promise<void> {
  await change('people', id, (person) => ({ ...person, leaving: true }));
}

/** Forget her and all of hers on this phone at once. */
export async function wipe({ id }: Person): Promise<void> {
  for (const audit of await all('audits')) if (audit.person === id) await remove('audits', audit.id);
  for (const photo of await all('photos')) if (photo.person === id) await remove('photos', [photo.audit, photo.sha256]);
  await remove('people', id);
}

export async function reload({ id }: Person): Promise<Person | null> {
  return await get('people', id) ?? null;
}
