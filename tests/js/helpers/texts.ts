/** Every text that a person reads, of every file of texts in js/. */

import { readdirSync } from "node:fs";
import { LANGUAGES, type Language, type Text } from "../../../js/language/say";
import { root } from "./styles";

/** `texts.ts`, `…_texts.ts`, and what lies in a folder `texts/`. */
export const files = readdirSync(`${root}js`, { recursive: true })
  .map(String)
  .filter((path) => /(^|[/_])texts([.]ts$|\/[a-z_]+[.]ts$)/.test(path));

/** Tables may hold tables; what is no table is a text, or should be. */
function collect(name: string, value: unknown): [string, Text][] {
  if (typeof value === "function") return [];
  if (isListOfLanguages(value)) return collect(`${name}.auto`, value.auto);
  if (typeof value !== "object" || value === null || LANGUAGES.some((each) => each in value)) {
    const text = (typeof value === "object" && value ? value : { en: value }) as Text;
    return [[name, text], ...(text.compared ? collect(`${name}.compared`, text.compared) : [])];
  }
  return Object.entries(value).flatMap(([key, inner]) => collect(`${name}.${key}`, inner));
}

/** Each language is named in itself. */
const isListOfLanguages = (value: unknown): value is { auto: unknown } =>
  typeof value === "object" && value !== null && "auto" in value && LANGUAGES[0] in value;

export const texts: readonly [name: string, text: Text][] = (
  await Promise.all(
    files.map(async (file) =>
      collect(file.replace(/[.]ts$/, ""), { ...(await import(`${root}js/${file}`)) }),
    ),
  )
).flat();

export const formsOf = (text: Text, language: Language): Record<string, string> => {
  const said = text[language] ?? "";
  return typeof said === "string" ? { other: said } : said;
};
