/** What the page knows once it has opened: who is asked, in which city, in which words. */

import type { Asked } from './address';
import type { City } from './documents';
import type { Installation } from './installation';
import type { Person } from './model';
import type { Words } from './words';

export interface Opened {
  words: Words;
  person: Person;
  city: City;
  /** instruments of the city by id */
  titles: ReadonlyMap<string, string>;
  installation: Installation;
  /** begin again: in another language, or as somebody else */
  restart: (asked: Asked) => void;
}
