/** A score for each unit of the text in one pass, by the measure that is chosen. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { meanSink } from "../../measures/attention_rows";
import {
  cosineToMean,
  nearestOf,
  perUnit,
  previousCosine,
  type Vectors,
  wordVectors,
} from "../../measures/cosines";
import type { AppState } from "../../state/app_state";
import { attentionKey, passOf } from "../../state/shown_keys";
import { ahead } from "../../tensors/ahead";
import { attentionRow } from "../../tensors/attention_row";
import { type Resource, resource } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { isInfluence } from "../../trace/influence";
import type { Measure } from "../../trace/options";
import type { Side } from "../../trace/sides";
import { at, shapeAt } from "../../trace/tensor";
import { writeKey } from "../../trace/tensor_key";
import type { Unit } from "../../trace/units";

/** Whether it needs vectors. */
export const isOfVectors = (measure: Measure): boolean =>
  !isAttention(measure) && !isInfluence(measure);

export const isAttention = (measure: Measure): boolean => measure.startsWith("attention");

/** Whether the vectors that are chosen are known of the text that the queries are of. */
export function hasVectors({ sides, space }: AppState): boolean {
  const { has_hidden_states: states, has_word_embeddings: rows } = sides.value.queryText;
  return space.value === "word_embeddings" ? rows : states;
}

export type PassScores = ReturnType<typeof passScores>;

/**
 * Those of one pass. Vectors are those of the text that the queries are of, attention goes to
 * `keyUnits`. While it is not `isWanted`, which reads signals, nothing is asked for.
 */
export function passScores(
  state: AppState,
  keyUnits: ReadonlySignal<Unit[]>,
  source: TensorSource,
  abort: AbortSignal,
  isWanted: () => boolean = () => true,
) {
  // Of the whole text: what follows from it is not computed again for each window.
  const hiddenKey = computed(() => {
    const { kind } = state.sides.value.queryText;
    if (!hasVectors(state) || !isWanted()) return null;
    if (state.space.value === "word_embeddings")
      return writeKey({ name: "word_embeddings", kind, ...passOf(state) });
    const index = state.space.value === "embeddings" ? 0 : state.layer.value + 1;
    return writeKey({ name: "hidden_states", kind, index, ...passOf(state) });
  });
  const nTokens = computed(() => state.sides.value.queryText.tokens.length);
  const receivedKey = () =>
    state.measure.value === "attention_received" && state.layerMeta.value && isWanted()
      ? attentionKey(state, "attention_received")
      : null;
  // Attention has no need of them, but the next click may pin a word.
  const showsAttention = () => !isOfVectors(state.measure.value);
  const hidden = resource(state, source, abort, () => (showsAttention() ? null : hiddenKey.value));
  ahead(state, source, abort, () => (showsAttention() ? hiddenKey.value : null));
  const received = resource(state, source, abort, receivedKey);
  const given = attentionRow(state, source, abort, queryRows, isWanted());

  /** All tokens of the word that attends, as far as the attention at hand has them. */
  function queryRows(): number[] {
    const { value: row } = state.query;
    if (state.measure.value !== "attention_from" || row === null || !isWanted()) return [];
    const { queries } = state.sides.value;
    const token = queries.toText[row];
    const unit =
      typeof token === "number" ? state.units.value[state.unitOfToken.value[token] ?? -1] : null;
    return unit ? rowsOf(unit, queries) : [row];
  }

  const vectors = computed(() => {
    const { tensor, key } = hidden.value;
    if (!tensor || key !== hiddenKey.value) return null;
    if (shapeAt(tensor, 0) !== nTokens.value) return null;
    return wordVectors(tensor, state.units.value);
  });

  /** The units that cosines are taken to, in the order they were pinned. */
  const pins = computed(() => {
    const units = state.pinned.value.flatMap((token) => state.unitOfToken.value[token] ?? []);
    return [...new Set(units)];
  });

  /** What was computed once: a further pin costs no more than the first. */
  const known = new WeakMap<Vectors, Map<number, Float64Array>>();
  /** Of each pin the cosine of every unit to it; none while the vectors are not here. */
  const cosines = computed(() => {
    const { value: of } = vectors;
    if (!of) return [];
    const held = known.get(of) ?? new Map<number, Float64Array>();
    known.set(of, held);
    for (const unit of held.keys()) if (!pins.value.includes(unit)) held.delete(unit);
    return pins.value.map((unit) => {
      const found = held.get(unit) ?? cosineToMean(of, [unit]);
      held.set(unit, found);
      return found;
    });
  });
  const nearest = computed(() => {
    const isEach = state.measure.value === "pinned_cosine" && state.pin_mode.value === "each";
    return isEach && cosines.value.length > 1 ? nearestOf(cosines.value) : null;
  });

  const chosenRows = computed(() => {
    const { heads } = given.value;
    return heads && state.activeHeads.value.map((head) => heads[head] ?? []);
  });

  /** One for each unit, NaN for none; null while there are none. */
  const scores = computed<Float64Array | null>(() => {
    const toKeys = () => keyUnits.value.map((unit) => rowsOf(unit, state.sides.value.keys));
    switch (state.measure.value) {
      case "norm":
        return vectors.value?.norms ?? null;
      case "previous_cosine":
        return vectors.value && previousCosine(vectors.value, state.units.value);
      case "pinned_cosine":
        if (!vectors.value || !pins.value.length) return null;
        if (pins.value.length === 1) return cosines.value[0] ?? null;
        return nearest.value ? nearest.value.scores : cosineToMean(vectors.value, pins.value);
      case "attention_from":
        return chosenRows.value && perUnit(chosenRows.value, toKeys());
      case "removal":
      case "integrated_gradients":
        return null; // of no pass: influence.ts
      case "attention_received": {
        const { tensor, key } = received.value;
        if (!tensor || key !== receivedKey()) return null;
        const rows = state.activeHeads.value.map((head) => at(tensor, head));
        return perUnit(rows, toKeys());
      }
    }
  });

  return {
    scores,
    pins,
    cosines,
    /** Of each unit the pin that it is nearest to, where each pin has its colour. */
    nearest: computed(() => nearest.value?.nearest ?? null),
    /** What the attention from the selected leaves to a sink. */
    sink: computed(() => {
      const { heads } = given.value;
      const rows = heads && state.activeHeads.value.flatMap((head) => heads[head] ?? []);
      return rows?.length ? meanSink(rows, state.layerMeta.value) : null;
    }),
    /** Whether the measure needs vectors that the trace has not. */
    lacking: computed(() => isOfVectors(state.measure.value) && !hasVectors(state)),
    status: computed(() => {
      const used: Pick<Resource, "pending" | "error">[] = !isOfVectors(state.measure.value)
        ? [received.value, given.value]
        : [hidden.value];
      return {
        pending: used.some(({ pending }) => pending),
        error: used.find(({ error }) => error !== null)?.error ?? null,
      };
    }),
  };
}

/** Each once: a row may be a word. */
export const rowsOf = (unit: Unit, side: Side): number[] => [
  ...new Set(unit.tokens.flatMap((token) => side.toRow.get(token) ?? [])),
];
