/** Texts of the widget in the languages it speaks; the texts themselves stand beside what says them. */

import type { NumberFormat } from "../trace/options";
import { inIsolation } from "./direction";
import { numbersIn } from "./numbers";

export const LANGUAGES = ["en", "vi", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * One form, or several, chosen by the value `n`, a whole number: one for each plural category that
 * the language has, of which `other` is the last (in Russian that of 5), and "=1" for the number 1
 * alone (in Russian `one` is that of 21 and 31 too). A form that does not write {n} is one for 1 or
 * for all other numbers.
 */
type Forms = string | ({ other: string } & Partial<Record<Intl.LDMLPluralRule | "=1", string>>);

export interface Text extends Readonly<Record<Language, Forms>> {
  /** Where two passes are compared, {one} and {other}, and no edits are made. */
  readonly compared?: Readonly<Record<Language, Forms>>;
}

/** What a view is: a sentence for a newcomer, and the rest. */
export interface Help {
  readonly short: Text;
  readonly more: Text;
}

/** A number with so many digits behind the point. */
export interface Fixed {
  readonly value: number;
  readonly digits: number;
}

/** A probability, written as weights are. */
export interface Share {
  readonly share: number;
}

/** Numbers are written as the language writes them. */
export type Values = Readonly<Record<string, string | number | Fixed | Share>>;

/** Says a text in the language that was chosen. */
export type Say = (text: Text, values?: Values) => string;

export const fixed = (value: number, digits: number): Fixed => ({ value, digits });

/** English for a language that the widget does not speak. */
export function languageOf(tag: string): Language {
  const [first = ""] = tag.toLowerCase().split(/[-_]/);
  return LANGUAGES.find((language) => language === first) ?? "en";
}

// Made once: the browser takes longer to make one than to use it a hundred times.
const plurals = new Map<Language, Intl.PluralRules>();

function categoryOf(language: Language, n: number): Intl.LDMLPluralRule {
  const rules = plurals.get(language) ?? new Intl.PluralRules(language);
  plurals.set(language, rules);
  return rules.select(n);
}

function formFor(language: Language, forms: Exclude<Forms, string>, n: number): string {
  return (n === 1 ? forms["=1"] : undefined) ?? forms[categoryOf(language, n)] ?? forms.other;
}

export function inLanguage(
  language: Language,
  text: Text,
  values: Values = {},
  format: NumberFormat = "standard",
): string {
  const forms = text[language];
  const form = typeof forms === "string" ? forms : formFor(language, forms, Number(values.n ?? 0));
  return form.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new RangeError(`no value for {${name}} in "${form}"`);
    if (typeof value === "string") return inIsolation(value);
    const numbers = numbersIn(language, format);
    if (typeof value === "number") return numbers.fixed(value, 3, 0);
    return "share" in value
      ? numbers.share(value.share, 0)
      : numbers.fixed(value.value, value.digits);
  });
}
