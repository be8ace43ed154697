/** What is said of positions. */

import { modelName } from "../../language/descriptions";
import type { Text } from "../../language/say";
import type { AppState } from "../../state/app_state";
import type { Encoding, PositionsMeta } from "../../trace/description";
import type { PositionData } from "./data";
import { ENCODING_NAMES, MEANINGS, POSITIONS } from "./texts";

/** The same in every language. */
const FORMULAS: Readonly<Record<Encoding, string>> = {
  learned: "x = word + table[p]",
  sinusoidal: "x = word + (sin p·ω, cos p·ω)",
  rotary: "score = q · R((k − q)·ω) k",
  relative: "score = q · k + bias[head, q − k]",
  relative_table: "score = q · k + f(q, k, table[q − k])",
  relative_sinusoidal: "score = q · k + f(q, sin (q − k)·ω, cos (q − k)·ω)",
  alibi: "score = q · k − slope[head] · |q − k|",
  none: "score = q · k",
  other: "",
};

export function formulaOf({ say }: AppState, { way }: PositionData): string {
  const { value: shown } = way;
  if (!shown) return "";
  const formula = FORMULAS[shown.meta.encoding];
  const name = say(nameOf(shown.meta));
  return formula ? `${name}:  ${formula}` : name;
}

/** Queries and keys are turned, by angles that no one count of positions gives. */
const turnsOtherwise = ({ encoding, turned }: PositionsMeta): boolean =>
  encoding === "other" && turned > 0;

export const nameOf = (meta: PositionsMeta): Text =>
  ENCODING_NAMES[turnsOtherwise(meta) ? "rotary" : meta.encoding];

/** As `is_of_arrays` in trace/planned.py has it: no model made it, as far as the trace tells. */
const isOfArrays = ({ meta }: AppState): boolean =>
  !meta.value.positions?.length && meta.value.tokens.every(({ id }) => id === null);

export function noteOf(state: AppState, data: PositionData): string {
  const { say, numbers } = state;
  const { value: shown } = data.way;
  if (!shown) {
    if (isOfArrays(state)) return say(POSITIONS.arrays);
    return data.areKnown.value
      ? say(POSITIONS.elsewhere, { layer: String(state.layer.value) })
      : say(POSITIONS.unknown, { model: modelName(state.meta.value) });
  }
  const { encoding, turned, dim, scaling } = shown.meta;
  const all = state.sides.value.queries.tokens.length;
  const n = data.pairs.value?.rows ?? all;
  const isPart = encoding === "rotary" && dim > turned;
  const others = data.ways.value.filter(({ index }) => index !== shown.index);
  const names = others.map(({ meta }) => say(nameOf(meta))).join(", ");
  return [
    ...(state.attention_kind.value === "cross" ? [say(POSITIONS.ofDecoder)] : []),
    say(turnsOtherwise(shown.meta) ? POSITIONS.turnsOtherwise : MEANINGS[encoding]),
    ...(isPart ? [say(POSITIONS.turned, { turned: String(turned), dim: String(dim) })] : []),
    ...(scaling !== 1 ? [say(POSITIONS.scaled, { scaling: numbers.exact(scaling) })] : []),
    ...(n < all ? [say(POSITIONS.first, { n: String(n), all: String(all) })] : []),
    ...(data.hasNumbers.value ? [say(POSITIONS.exact)] : []),
    ...(names ? [say(POSITIONS.alsoHas, { names })] : []),
  ].join(" ");
}
