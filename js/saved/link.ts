/** The selection as the fragment of a link (`#layer=3&heads=1,2`), and back, checked. */

import {
  ATTENTION_KINDS,
  COLOUR_MAPS,
  COMBINATIONS,
  DIRECTIONS,
  LOCALES,
  MEASURES,
  PIN_MODES,
  SEGMENTS,
  SPACES,
  SPECIAL_TOKENS,
  type State,
  SUMMARIES,
  THEMES,
  VIEWS,
} from "../trace/contract";
import { layersOf } from "../trace/sides";
import { countTokens } from "./choices";

type Read = (text: string, state: State) => unknown;

const oneOf =
  (allowed: readonly string[]): Read =>
  (text) =>
    allowed.includes(text) ? text : undefined;
const flag: Read = (text) => ({ true: true, false: false })[text];
const share: Read = (text) => {
  const number = /^[0-9.e-]+$/.test(text) ? Number(text) : Number.NaN;
  return number >= 0 && number <= 1 ? number : undefined;
};
const index = (text: string, count: number): number | undefined =>
  /^[0-9]{1,9}$/.test(text) && Number(text) < count ? Number(text) : undefined;
const several = (text: string, read: (part: string) => unknown): unknown => {
  const found = text === "" ? [] : text.split(",").map(read);
  return found.includes(undefined) || new Set(found).size < found.length ? undefined : found;
};
const optional = (text: string, count: number) => (text === "" ? null : index(text, count));

/** In this order: each is checked against those before it. */
const READERS = {
  attention_kind: (text, { meta }) =>
    meta.attention.some(({ kind }) => kind === text)
      ? oneOf(ATTENTION_KINDS)(text, {} as State)
      : undefined,
  layer: (text, { meta, attention_kind }) => {
    const layers = layersOf(meta, attention_kind);
    const layer = index(text, layers.length);
    return layer !== undefined && layers[layer] ? layer : undefined;
  },
  heads: (text, { meta, attention_kind, layer }) =>
    several(text, (one) => index(one, layersOf(meta, attention_kind)[layer]?.n_heads ?? 0)),
  combine: oneOf(COMBINATIONS),
  token: (text, { meta, attention_kind }) =>
    optional(text, countTokens(meta, attention_kind).queries),
  key_token: (text, { meta, attention_kind }) =>
    optional(text, countTokens(meta, attention_kind).keys),
  pinned: (text, { meta, attention_kind }) =>
    several(text, (one) => index(one, countTokens(meta, attention_kind).queries)),
  pin_mode: oneOf(PIN_MODES),
  views: (text) => {
    const views = several(text, (one) => oneOf(VIEWS)(one, {} as State)) as unknown[] | undefined;
    return views?.length ? views : undefined;
  },
  measure: oneOf(MEASURES),
  space: oneOf(SPACES),
  colour_map: oneOf(COLOUR_MAPS),
  words: flag,
  special_tokens: oneOf(SPECIAL_TOKENS),
  segments: oneOf(SEGMENTS),
  top_p: share,
  threshold: share,
  direction: oneOf(DIRECTIONS),
  summary: oneOf(SUMMARIES),
  sort_heads: flag,
  normalise_rows: flag,
  log_colour: flag,
  theme: oneOf(THEMES),
  locale: oneOf(LOCALES),
} satisfies { [name in keyof State]?: Read };

const NAMES = Object.keys(READERS) as (keyof typeof READERS)[];

const written = (value: unknown): string => (value === null ? "" : String(value));

/** What differs from the saved state; empty where nothing does. */
export function linkOf(state: State, saved: State): string {
  const parts = NAMES.filter((name) => written(state[name]) !== written(saved[name]));
  return parts.map((name) => `${name}=${encodeURIComponent(written(state[name]))}`).join("&");
}

/** The state that a fragment names; what is malformed or does not exist stays as it was saved. */
export function stateOf(fragment: string, saved: State): Partial<State> {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const found: Record<string, unknown> = {};
  for (const name of NAMES) {
    const text = given.get(name);
    const value = text === null ? undefined : READERS[name](text, { ...saved, ...found });
    if (value !== undefined) found[name] = value;
  }
  return found as Partial<State>;
}
