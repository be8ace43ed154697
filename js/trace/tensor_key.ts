/**
 * Keys of tensors: what the browser may ask of a trace. protocol/keys.py reads the same, and
 * tests/golden/keys.json holds both to it.
 */

import { STEP_NAMES } from "./calculation";
import type { Meta } from "./description";
import { measureInKey } from "./measures";
import { ATTENTION_KINDS, SEGMENTS, SPECIAL_TOKENS } from "./options";
import { type Grouping, PLAIN, type Sides, sidesOf } from "./sides";
import type { Rows } from "./units";

/**
 * What follows the name in a key, and the axes of the tensor that comes; float32 where nothing else
 * is said.
 *
 * Edges are head, query, key and weight of what measures/edges.py calls worth a line, in that order;
 * combined ("mean", "maximum", not "each") their head is -1. The first row tells of all together:
 * the attention that the queries have to give, and of the edges left out how many millions, how
 * many more, and the sum of their weights.
 *
 * The largest of a longer text is that of LARGEST_QUERIES of its queries, evenly spaced; it is
 * between tokens or words, with special tokens or without.
 *
 * Thumbnails and summaries of a longer text are made from SAMPLED_QUERIES of its queries, evenly
 * spaced. A run is an unbroken stretch of keys that a query sees, from start up to stop, in order
 * of head and query; the head is -1 where all share the mask, and of attention known by its weights
 * alone the runs are those above 0 in any head. A map is that of the heads together, as their
 * "mean" or "maximum": its tiles of 512 × 512 numbers hold the largest of pooling × pooling weights
 * each, of scale "weight", or "share" of the largest weight in their row; its margins are those of
 * each query, then of each key.
 *
 * `window/{window}/` stands before the key of a tensor of one window of a long text, whose tokens
 * count from 0 there; hidden states are those of the whole text.
 * `grouped/{units}/{special}/` stands before the key of a tensor of attention whose rows are words
 * or passages (units "words", "passages", else "tokens"), or without special tokens (special "hide" or "renormalise", else
 * "show").
 * `after/{edits}/` stands before all in the key of a tensor of the pass with edits, as JSON, and
 * `difference/{edits}/` in that of the difference: what is there after them minus what was there
 * before. All of those are float32, lines and pooled cells are the differences farthest from 0, and
 * in the first row of the edges is the sum of the sizes of all.
 * `measured/{about}/` behind those, before the key of a tensor of MEASURED, asks for the same of
 * another measure than attention (measures.ts). Where its numbers are no shares, tensors are as those
 * of a difference are.
 */
export const TENSORS = {
  attention: ["kind", "layer"], // (head, query, key)
  attention_row: ["kind", "layer", "tokens"], // (head, key) mean over these query tokens
  attention_received: ["kind", "layer"], // (head, key) mean over the queries
  count_nan: ["kind", "layer"], // (head) int32: weights that are NaN
  edges: ["kind", "layer", "combine", "heads", "top_p", "threshold", "segments"], // (edge, 4)
  thumbnails: ["kind", "layer"], // (head, y, x) uint8: 254·√weight, 255 for NaN
  summaries: ["kind", "layer"], // (summary, head) NUMBERS, in order
  receivers: ["kind", "layer"], // (head) kurtosis of what passages get from later ones
  divergence: ["kind", "layer"], // (head) bits, between the sides of a comparison
  map_tile: ["kind", "layer", "together", "heads", "scale", "pooling", "row", "column"], // (y, x)
  map_margins: ["kind", "layer", "together", "heads"], // (margin, 4) sum, least, least above 0, most
  query: ["kind", "layer", "head"], // (query, dim)
  key: ["kind", "layer", "head"], // (key, dim)
  scores: ["kind", "layer", "head", "token"], // (2, key) q·k·scale; what enters the softmax
  value: ["kind", "layer", "head"], // (key, dim)
  head_output: ["kind", "layer", "head"], // (query, dim) weights × values, summed over the keys
  calculation: ["kind", "layer", "head", "step"], // (row, column) of STEPS, -Infinity where hidden
  calculation_map: ["kind", "layer", "head", "step", "down", "across"], // (row, column) farthest from 0
  calculation_line: ["kind", "layer", "head", "step", "axis", "index"], // (number)
  mask: ["kind", "layer"], // (run, 4) int32: head, query, start, stop
  largest: ["units", "special"], // (1) the weight that is farthest from 0, in any head and layer
  layer_largest: ["kind", "layer"], // (1) the same of a layer, of all its queries
  hidden_states: ["kind", "index"], // (token, hidden) 0: token embeddings; no cross
  word_embeddings: ["kind"], // (token, hidden) rows of the model's table; no cross
  image: [], // (height, width, 3) uint8
  position_table: ["index"], // (position, dimension), or (head, distance) of a bias
  position_pairs: ["index"], // (position, position), or (head or 1, distance)
} as const;

/** What there is of every measure. */
const MEASURED: readonly TensorName[] = [
  "attention",
  "attention_row",
  "attention_received",
  "count_nan",
  "edges",
  "thumbnails",
  "map_tile",
  "map_margins",
  "layer_largest",
];

const oneOf =
  <T extends string>(names: readonly T[]) =>
  (part: string): T | null =>
    names.find((name) => name === part) ?? null;

const number = (part: string): number | null =>
  /^(0|[1-9][0-9]{0,8})$/.test(part) ? Number(part) : null;

function numbers(part: string): readonly number[] | null {
  const found = part.split(",").flatMap((each) => number(each) ?? []);
  return found.length === part.split(",").length ? found : null;
}

const SHARE = /^([01](\.[0-9]{1,25})?(e-[0-9]{1,3})?|[0-9](\.[0-9]{1,25})?e-[0-9]{1,3})$/;
const share = (part: string): number | null =>
  SHARE.test(part) && Number(part) <= 1 ? Number(part) : null;

const UNITS: readonly Rows[] = ["tokens", "words", "passages"];

const AXES = {
  kind: oneOf(ATTENTION_KINDS),
  layer: number,
  tokens: numbers,
  combine: oneOf(["each", "mean", "maximum"]),
  heads: numbers,
  top_p: share,
  threshold: share,
  segments: oneOf(SEGMENTS),
  together: oneOf(["mean", "maximum"]),
  scale: oneOf(["weight", "share"]),
  pooling: number,
  row: number,
  column: number,
  head: number,
  token: number,
  index: number,
  step: oneOf(STEP_NAMES),
  down: number,
  across: number,
  axis: oneOf(["row", "column"]),
  units: oneOf(UNITS),
  special: oneOf(SPECIAL_TOKENS),
};

type Axis = keyof typeof AXES;
export type TensorName = keyof typeof TENSORS;
/** Of the tokens, or of all: in no window, and between no rows. */
const OF_NO_ROWS = [
  "hidden_states",
  "word_embeddings",
  "image",
  "largest",
  "position_table",
  "position_pairs",
] as const;
export type AttentionName = Exclude<TensorName, (typeof OF_NO_ROWS)[number]>;

/** What stands in a key of this name. */
export type AxesOf<N extends TensorName> = {
  readonly [A in (typeof TENSORS)[N][number]]: NonNullable<ReturnType<(typeof AXES)[A]>>;
};

/** Of the pass with edits, as JSON, or of the difference that they make; without it of that without. */
export interface Pass {
  readonly pass?: string;
  readonly difference?: true;
  /** Of another measure than attention, as `aboutInKey` writes it. */
  readonly measured?: string;
}

/** Of one window of a long text, and between which rows. */
interface Place extends Pass {
  readonly window: number | null;
  readonly grouping: Grouping;
}

type OfName<N extends TensorName> = N extends AttentionName
  ? { readonly name: N } & AxesOf<N> & Place
  : { readonly name: N } & AxesOf<N> & Pass;

export type TensorKey = { [N in TensorName]: OfName<N> }[TensorName];
export type AttentionKey = Extract<TensorKey, Place>;

/** As it is sent to Python and as caches and files name it. */
export function writeKey(key: TensorKey): string {
  const axes: readonly Axis[] = TENSORS[key.name];
  const given = axes.map((axis) => String((key as unknown as Record<Axis, unknown>)[axis]));
  const after = key.pass ? [key.difference ? "difference" : "after", key.pass] : [];
  const about = key.measured && MEASURED.includes(key.name) ? ["measured", key.measured] : [];
  const place = "window" in key ? placeOf(key) : [];
  return [...after, ...about, ...place, key.name, ...given].join("/");
}

function placeOf({ window, grouping: { units, special } }: Place): (string | number)[] {
  const rows = units !== "tokens" || special !== "show" ? ["grouped", units, special] : [];
  return window === null ? rows : ["window", window, ...rows];
}

/** Null for what is no key. */
export function readKey(text: string): TensorKey | null {
  const parts = text.split("/");
  const shown = oneOf(["after", "difference"])(parts[0] ?? "");
  const pass = shown ? parts.splice(0, 2)[1] : undefined;
  const ofPass = pass ? { pass, ...(shown === "difference" && { difference: true }) } : {};
  const measured = parts[0] === "measured" ? (parts.splice(0, 2)[1] ?? "") : undefined;
  const isPlaced = parts[0] === "window" || parts[0] === "grouped";
  const window = parts[0] === "window" ? number(parts.splice(0, 2)[1] ?? "") : undefined;
  const grouping = parts[0] === "grouped" ? groupingOf(parts.splice(0, 3)) : PLAIN;
  const name = oneOf(Object.keys(TENSORS) as TensorName[])(parts.shift() ?? "");
  if (!name || !grouping || window === null) return null;
  const axes: readonly Axis[] = TENSORS[name];
  const isOfAttention = !OF_NO_ROWS.some((each) => each === name);
  if (parts.length !== axes.length || (isPlaced && !isOfAttention)) return null;
  if (measured !== undefined && !(measureInKey(measured) && MEASURED.includes(name))) return null;
  const given = axes.map((axis, place) => [axis, AXES[axis](parts[place] ?? "")] as const);
  if (given.some(([, value]) => value === null)) return null;
  const place = isOfAttention ? { window: window ?? null, grouping } : {};
  return {
    name,
    ...Object.fromEntries(given),
    ...place,
    ...ofPass,
    ...(measured && { measured }),
  } as TensorKey;
}

function groupingOf([, units = "", special = ""]: string[]): Grouping | null {
  const [rows, shown] = [oneOf(UNITS)(units), oneOf(SPECIAL_TOKENS)(special)];
  return rows && shown ? { units: rows, special: shown } : null;
}

/** The rows between which a tensor of attention is. */
export const sidesOfKey = ({ kind, window, grouping }: AttentionKey, meta: Meta): Sides =>
  sidesOf(meta, kind, window, grouping);

/** The whole attention that a tensor of a layer follows from. */
const layerKey = ({ kind, layer, window, grouping, pass, measured }: AttentionKey): string => {
  const of = { ...(pass && { pass }), ...(measured && { measured }) };
  return writeKey({ name: "attention", kind, layer, window, grouping, ...of });
};

/** That of the pass; of a difference that before the edits, then that after them. */
export const layerKeys = (key: AttentionKey): readonly string[] => passesOf(key).map(layerKey);

/** The key of the pass; of a difference those of both. */
export function passesOf<K extends TensorKey>(key: K): readonly K[] {
  const { pass, difference, ...plain } = key;
  if (!difference) return [key];
  return [plain as K, { ...plain, pass } as K];
}
