/** What a page says, in one language; what is not translated stands in English. */

import { directionOf, type Language } from './languages';

/** A text, or one for each plural form of `{n}`; `{name}` stands for a value. */
export type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Catalogue<Key extends string> = Readonly<Record<Key, Message>>;
export type Values = Readonly<Record<string, string | number>>;

/** Brings the catalogue of a language, such as `import.meta.glob` makes them. */
export type Loaders = Readonly<Record<string, () => Promise<unknown>>>;

export class Texts<Key extends string> {
  private readonly plural: Intl.PluralRules;
  private readonly numbers: Intl.NumberFormat;

  constructor(
    readonly language: Language,
    private readonly own: Partial<Catalogue<Key>>,
    private readonly english: Catalogue<Key>,
  ) {
    this.plural = new Intl.PluralRules(language);
    this.numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  }

  /** Whether every text is there in this language: pages say where it is not. */
  get isComplete(): boolean {
    return (Object.keys(this.english) as Key[]).every((key) => this.own[key] !== undefined);
  }

  /** A text with its values filled in, in the plural form that `n` asks for. */
  say(key: Key, values: Values = {}): string {
    const message = this.own[key] ?? this.english[key];
    const form = typeof message === 'string' ? message : this.formFor(message, Number(values.n));
    return form.replace(/\{(\w+)\}/g, (_, name: string) => this.told(values[name]));
  }

  number(value: number): string {
    return this.numbers.format(value);
  }

  /** A moment as people of this language write it, in the time zone of the phone. */
  time(moment: string | number, style: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' }): string {
    return new Intl.DateTimeFormat(this.language, style).format(new Date(moment));
  }

  private formFor(message: Exclude<Message, string>, n: number): string {
    return message[this.plural.select(n)] ?? message.other ?? '';
  }

  /** A value as it stands in a text; in one from right to left it keeps its own direction (Unicode's isolates). */
  private told(value: string | number | undefined): string {
    const text = typeof value === 'number' ? this.number(value) : value ?? '';
    return directionOf(this.language) === 'rtl' && text ? `\u2068${text}\u2069` : text;
  }
}

/** The texts of a language; English ones where its catalogue cannot be had. */
export async function loadTexts<Key extends string>(
  language: Language, english: Catalogue<Key>, loaders: Loaders,
): Promise<Texts<Key>> {
  const load = Object.entries(loaders).find(([path]) => path.endsWith(`/${language}.json`))?.[1];
  if (language === 'en' || !load) return new Texts<Key>(language, language === 'en' ? english : {}, english);
  try {
    const { default: own } = await load() as { default: Partial<Catalogue<Key>> };
    return new Texts<Key>(language, own, english);
  } catch {
    return new Texts<Key>(language, {}, english);
  }
}
