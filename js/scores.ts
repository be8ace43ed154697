/** What colours the text: a score for each of its units, by the measure that is chosen. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { attentionRow, meanSink } from "./attention";
import type { MeasureName } from "./contract";
import { cosinesTo, norms, perUnit, previousCosines, unitVectors } from "./measures";
import { type Resource, resource } from "./resource";
import type { Side } from "./sides";
import type { TensorSource } from "./source";
import { type AppState, attentionKey } from "./state";
import { at, shapeAt } from "./tensor";
import type { Unit } from "./units";

export const isAttention = (measure: MeasureName): boolean => measure.startsWith("attention");

export interface TextScores {
  /** One for each unit, NaN for none; null while there are none. */
  scores: ReadonlySignal<number[] | null>;
  /** What the attention from the selected leaves to a sink. */
  sink: ReadonlySignal<number | null>;
  /** The unit that cosines are taken to. */
  pinnedUnit: ReadonlySignal<number | null>;
  /** Why there can be no scores; empty where there can. */
  lacking: ReadonlySignal<string>;
  status: ReadonlySignal<Pick<Resource, "pending" | "error">>;
}

/** Vectors are those of the text that the queries are of, attention goes to `keyUnits`. */
export function textScores(
  state: AppState,
  keyUnits: ReadonlySignal<Unit[]>,
  source: TensorSource,
  abort: AbortSignal,
): TextScores {
  // Of the whole text: what follows from it is not computed again for each window.
  const hiddenKey = computed(() => {
    const { stack, has_hidden_states: known } = state.sides.value.queryText;
    const index = state.space.value === "embeddings" ? 0 : state.layer.value + 1;
    return known ? `hidden_states/${stack}/${index}` : null;
  });
  const nTokens = computed(() => state.sides.value.queryText.tokens.length);
  const receivedKey = () =>
    state.measure.value === "attention_received" && state.layerMeta.value
      ? attentionKey(state, "attention_received")
      : null;
  const hidden = resource(state, source, abort, () => hiddenKey.value);
  const received = resource(state, source, abort, receivedKey);
  const given = attentionRow(state, source, abort, queryRows);

  /** All tokens of the word that attends, as far as the attention at hand has them. */
  function queryRows(): number[] {
    const { value: row } = state.query;
    if (state.measure.value !== "attention_from" || row === null) return [];
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
    return unitVectors(tensor, state.units.value);
  });

  const pinnedUnit = computed(() => {
    const [pinned] = state.pinned.value;
    return pinned === undefined ? null : (state.unitOfToken.value[pinned] ?? null);
  });

  const chosenRows = computed(() => {
    const { heads } = given.value;
    return heads && state.activeHeads.value.map((head) => heads[head] ?? []);
  });

  const scores = computed<number[] | null>(() => {
    const toKeys = () => rowsOfAll(keyUnits.value, state.sides.value.keys);
    switch (state.measure.value) {
      case "norm":
        return vectors.value && norms(vectors.value);
      case "previous_cosine":
        return vectors.value && previousCosines(vectors.value, state.units.value);
      case "pinned_cosine":
        if (pinnedUnit.value === null) return null;
        return vectors.value && cosinesTo(vectors.value, pinnedUnit.value);
      case "attention_from":
        return chosenRows.value && perUnit(chosenRows.value, toKeys());
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
    pinnedUnit,
    sink: computed(() => {
      const { heads } = given.value;
      const rows = heads && state.activeHeads.value.flatMap((head) => heads[head] ?? []);
      return rows?.length ? meanSink(rows, state.layerMeta.value) : null;
    }),
    lacking: computed(() =>
      isAttention(state.measure.value) || state.sides.value.queryText.has_hidden_states
        ? ""
        : "Norms and cosines need hidden states, and only the attention is known here: choose " +
          "attention as the colour.",
    ),
    status: computed(() => {
      const used: Pick<Resource, "pending" | "error">[] = isAttention(state.measure.value)
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
const rowsOf = (unit: Unit, side: Side): number[] => [
  ...new Set(unit.tokens.flatMap((token) => side.toRow.get(token) ?? [])),
];

const rowsOfAll = (units: readonly Unit[], side: Side): number[][] =>
  units.map((unit) => rowsOf(unit, side));
