/** The selection as the fragment of a link (`#layer=3&heads=1,2`), and back, checked. */

import { MOST_PAIRS } from "../state/head_pairs";
import type { State } from "../trace/contract";
import { OPTION_NAMES, OPTIONS } from "../trace/options";
import { layersOf } from "../trace/sides";

type Read = (text: string, state: State, names: readonly string[]) => unknown;

const index = (text: string, count: number): number | undefined =>
  /^[0-9]{1,9}$/.test(text) && Number(text) < count ? Number(text) : undefined;
const several = (text: string, read: (part: string) => unknown): unknown => {
  const found = text === "" ? [] : text.split(",").map(read);
  return found.includes(undefined) || new Set(found).size < found.length ? undefined : found;
};
const optional = (text: string, count: number) => (text === "" ? null : index(text, count));

/** How many there are on each side. */
function tokens({ meta: { tokens, target }, attention_kind: kind }: State) {
  const queries = target && kind !== "encoder" ? target.tokens.length : tokens.length;
  return { queries, keys: kind === "cross" ? tokens.length : queries };
}
const layers = ({ meta, attention_kind }: State) => layersOf(meta, attention_kind);

/** By the form in which an option is written. */
const READERS: Record<(typeof OPTIONS)[keyof typeof OPTIONS]["link"], Read> = {
  name: (text, _, names) => (names.includes(text) ? text : undefined),
  // At least one: a page without a view has nothing to say.
  names: (text, _, names) =>
    text ? several(text, (one) => (names.includes(one) ? one : undefined)) : undefined,
  flag: (text) => ({ true: true, false: false })[text],
  share: (text) => {
    const number = /^[0-9.e-]+$/.test(text) ? Number(text) : Number.NaN;
    return number >= 0 && number <= 1 ? number : undefined;
  },
  kind: (text, { meta }) => meta.attention.find(({ kind }) => kind === text)?.kind,
  layer: (text, state) => {
    const layer = index(text, layers(state).length);
    return layer !== undefined && layers(state)[layer] ? layer : undefined;
  },
  heads: (text, state) =>
    several(text, (one) => index(one, layers(state)[state.layer]?.n_heads ?? 0)),
  pairs: pairsIn,
  query: (text, state) => optional(text, tokens(state).queries),
  key: (text, state) => optional(text, tokens(state).keys),
  position: (text, { meta }) => optional(text, (meta.target ?? meta).tokens.length),
  // "#7" is an id; a page has no model that could say whether there is such a token
  candidate: (text) => (/^#[0-9]{1,9}$/.test(text) ? Number(text.slice(1)) : text || null),
  // of the atlas, which the page may lack: the view takes another one then
  summary: (text) => text || null,
  aligned: () => undefined, // a page has no sides to align anew
  labels: () => undefined, // nor one that could be probed
  edits: () => undefined, // a page has no model to make them
  queries: (text, state) => several(text, (one) => index(one, tokens(state).queries)),
};

/** "2.5,4.1": each as layer.head. */
function pairsIn(text: string, state: State): [number, number][] | undefined {
  const found = (text === "" ? [] : text.split(",")).map((one) => {
    const [layer, head, more] = one.split(".").map((part) => index(part, 1e9));
    const of = layer === undefined ? null : layers(state)[layer];
    if (more !== undefined || head === undefined || !of || head >= of.n_heads) return null;
    return [layer, head] as [number, number];
  });
  const pairs = found.filter((pair) => pair !== null);
  const isEachOnce = new Set(pairs.map(String)).size === found.length;
  return isEachOnce && found.length <= MOST_PAIRS ? pairs : undefined;
}

const written = (value: unknown, link: string): string => {
  if (link === "candidate" && typeof value === "number") return `#${value}`;
  if (!Array.isArray(value)) return value === null ? "" : String(value);
  return value.map((each) => (Array.isArray(each) ? each.join(".") : String(each))).join();
};

/** What differs from the saved state; empty where nothing does. */
export function linkOf(state: State, saved: State): string {
  return OPTION_NAMES.flatMap((name) => {
    const { link } = OPTIONS[name];
    const [now, was] = [written(state[name], link), written(saved[name], link)];
    return now === was ? [] : `${name}=${encodeURIComponent(now)}`;
  }).join("&");
}

/** The state that a fragment names; what is malformed or does not exist stays as it was saved. */
export function stateOf(fragment: string, saved: State): Partial<State> {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const found: Record<string, unknown> = {};
  for (const name of OPTION_NAMES) {
    const text = given.get(name);
    if (text === null) continue;
    const { link, values = [] }: { link: keyof typeof READERS; values?: readonly string[] } =
      OPTIONS[name];
    const value = READERS[link](text, { ...saved, ...found }, values);
    if (value !== undefined) found[name] = value;
  }
  return found as Partial<State>;
}
