/** Whether a tensor can be what its key says: what comes from a file may be anything. */

import { STEPS } from "./calculation";
import { type Meta, NUMBERS } from "./contract";
import { isUnbounded } from "./measures";
import { layersOf } from "./sides";
import { at, type Tensor } from "./tensor";
import { readKey, sidesOfKey } from "./tensor_key";

const TILE = 512;

/** The first number of a row counts from -1, those after it from 0; each is below its limit. */
function rowsBelow(tensor: Tensor, from: number, ...limits: number[]): boolean {
  const [rows = 0] = tensor.shape;
  for (let row = from; row < rows; row++) {
    const numbers = at(tensor, row);
    const isIndex = (limit: number, place: number) => {
      const number = numbers[place] ?? Number.NaN;
      return Number.isInteger(number) && number >= (place ? 0 : -1) && number < limit;
    };
    if (!limits.every(isIndex)) return false;
  }
  return true;
}

export function matchesKey(text: string, tensor: Tensor, meta: Meta): boolean {
  const { shape, data } = tensor;
  const is = (...axes: (number | null)[]) =>
    shape.length === axes.length && axes.every((axis, i) => axis === null || shape[i] === axis);
  const holds = (type: typeof Float32Array | typeof Int32Array | typeof Uint8Array) =>
    data instanceof type;
  const key = readKey(text);
  if (!key) return false;
  if (key.name === "image") {
    const [height, width] = meta.image ?? [];
    return holds(Uint8Array) && is(height ?? -1, width ?? -1, 3);
  }
  if (key.name === "hidden_states" || key.name === "word_embeddings") {
    const { tokens } = key.kind === "decoder" && meta.target ? meta.target : meta;
    return holds(Float32Array) && is(tokens.length, null);
  }
  if (key.name === "position_table" || key.name === "position_pairs") {
    const found = meta.positions?.[key.index];
    const width = key.name === "position_table" && found?.n_heads === null ? found.width : null;
    return found !== undefined && holds(Float32Array) && is(found.n_heads, width);
  }
  if (key.name === "largest") return holds(Float32Array) && is(1);
  const layer = layersOf(meta, key.kind)[key.layer];
  if (!layer) return false;
  const sides = sidesOfKey(key, meta);
  const { n_heads: heads, dim } = layer;
  const [queries, keys] = [sides.queries.tokens.length, sides.keys.tokens.length];
  switch (key.name) {
    case "count_nan":
      return holds(Int32Array) && is(heads);
    case "thumbnails":
      return (
        holds(key.difference || isUnbounded(key.measured) ? Float32Array : Uint8Array) &&
        is(heads, null, null)
      );
    case "mask":
      return (
        holds(Int32Array) && is(null, 4) && rowsBelow(tensor, 0, heads, queries, keys + 1, keys + 1)
      );
  }
  if (!holds(Float32Array)) return false;
  switch (key.name) {
    case "attention":
      return is(heads, queries, keys);
    case "attention_row":
    case "attention_received":
      return is(heads, keys);
    case "layer_largest":
      return is(1);
    case "edges":
      return is(null, 4) && rowsBelow(tensor, 1, heads, queries, keys);
    case "divergence":
      return is(heads);
    case "summaries":
      return is(NUMBERS.length, heads);
    case "receivers":
      return is(heads);
    case "map_tile":
      return is(null, null) && shape.every((axis) => axis <= TILE);
    case "map_margins":
      return is(queries + keys, 4);
    case "query":
      return is(queries, dim);
    case "key":
      return is(keys, dim);
    case "value":
      return is(keys, null);
    case "head_output":
      return is(queries, null);
    case "scores":
      return is(2, keys);
    case "calculation":
    case "calculation_map": {
      const sizes = { token: queries, query: queries, key: keys, hidden: null, dim: null, one: 1 };
      const [rows, columns] = STEPS[key.step];
      const [down, across] = key.name === "calculation" ? [1, 1] : [key.down, key.across];
      const pooled = (size: number | null, by: number) => size && Math.ceil(size / Math.max(1, by));
      return is(pooled(sizes[rows], down), pooled(sizes[columns], across));
    }
    case "calculation_line":
      return is(null);
  }
}
