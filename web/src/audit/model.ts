/** What the phone keeps, and for how long. */

export interface Consent {
  version: string;
  lang: string;
}

export interface Profile {
  gender?: string;
  age_band?: string;
  disability?: string;
}

/**
 * Somebody who audits with this phone: a pseudonym with a token. What she said of herself and what she agreed to
 * stay only until the server has them.
 */
export interface Person {
  id: string;
  city: string;
  /** null until she is enrolled */
  token: string | null;
  /** the server no longer knows her token: nothing is sent until she joins again */
  ended: boolean;
  /** somebody else has the phone now: she is forgotten here once nothing of hers waits */
  leaving: boolean;
  /** token of the walk's join link, so that a shared phone can enrol the next person */
  walk: string | null;
  /** under 18: the server keeps neither comments nor photos, so the phone asks for none */
  minor: boolean;
  consent?: Consent;
  profile?: Profile;
  locale?: string;
  /** how many waiting audits the organiser of the walk was told of last */
  told?: number;
}

export interface Location {
  lat: number;
  lng: number;
  /** as the phone says; absent where the pin was set by hand */
  accuracy_m?: number;
}

export type Answer = number | string | string[];
export type Answers = Record<string, Answer>;

/** An audit as it is sent; without a place it is not ready to be. */
export interface Content {
  location: Location | null;
  observed_at: string;
  answered_at?: string;
  instrument: string;
  answers: Answers;
  comment?: string;
}

/**
 * `draft`: still being answered; `waiting`: to be sent; `withdrawing`: to be taken back; `refused`: the server
 * cannot keep it as it is; `sent`: on the server, and kept here because she chose so.
 */
export type AuditState = 'draft' | 'waiting' | 'withdrawing' | 'refused' | 'sent';

export interface Audit {
  id: string;
  person: string;
  city: string;
  state: AuditState;
  content: Content;
  /** counts changes, so that an answer to an earlier sending is not taken for one to this content */
  revision: number;
  /** whether the server may have some version of it */
  tried: boolean;
  faults?: string[];
  receipt?: string;
  /** the receipt under which it is corrected, where another phone sent it */
  code?: string;
}

export interface Photo {
  audit: string;
  sha256: string;
  person: string;
  city: string;
  bytes: ArrayBuffer;
  /** why the server will never take it */
  refused?: string;
}

/** What came back for an audit that the server has. */
export interface Delivery {
  id: string;
  receipt: string | null;
  used: boolean;
  flags: string[];
}
