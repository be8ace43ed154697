/** What one head computes for one query token: its vectors, scores and softmax. */

import { computed, type ReadonlySignal } from "@preact/signals-core";
import { farthest, type Range, rangeAboutZero } from "../../draw/range";
import { sinkOf } from "../../measures/attention_rows";
import { softmax } from "../../measures/cosines";
import type { AppState } from "../../state/app_state";
import { attentionKey } from "../../state/shown_keys";
import { attentionRow } from "../../tensors/attention_row";
import { resource } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import { errorOfSoftmax, exactness } from "../../trace/exactness";
import { at, type Numbers, shapeAt } from "../../trace/tensor";
import { type HeadValues, headValues } from "./values";
import { piecesOf } from "./word_pieces";

export interface Vectors {
  query: Numbers; // (dim,)
  keys: { data: Numbers; dim: number }; // (key, dim)
  product: (key: number, i: number) => number;
}

export interface Row {
  /** Both are null where the attention alone is known. */
  score: Numbers | null;
  logit: Numbers | null;
  attention: Numbers;
  /** What goes to no token; null for a model without sinks. */
  sink: number | null;
  /** Whether something other than the mask stands between score and softmax. */
  changed: boolean;
  largest: number;
  /** How far a weight of it, or the sum of some, may be from the model's. */
  errorOf(weight: number): number;
}

export interface NeuronData {
  /** The row of the query; with no token chosen, the first of the text. */
  query: ReadonlySignal<number>;
  /** Queries and keys are known, not their attention alone. */
  hasParts: () => boolean;
  /** Of this layer and head; null until both are here. */
  vectors: ReadonlySignal<Vectors | null>;
  /** One scale for q and k of the head, one for their products with this query. */
  vectorRange: ReadonlySignal<Range>;
  productRange: ReadonlySignal<Range>;
  /** How far an element of q or k, or a product of two, may be from the model's. */
  vectorError(): number;
  productError(): number;
  row: ReadonlySignal<Row | null>;
  /** What the head gives out. */
  values: HeadValues;
  /** Keys, and one row more for the sink. */
  count: () => number;
  isSink: (index: number) => boolean;
  /** Of each key its place in its word, where words are looked at. */
  pieces: ReadonlySignal<ReturnType<typeof piecesOf>>;
  hasPieces: ReadonlySignal<boolean>;
  /** For the last piece of a word, the weight between the words: that of all views. */
  wordWeight: (index: number) => number | null;
  pending: () => boolean;
  error: () => string | null;
}

/** Rows of `state` are tokens, those of `others` what they are in the other views. */
export function neuronData(
  state: AppState,
  others: AppState,
  source: TensorSource,
  abort: AbortSignal,
): NeuronData {
  const query = computed(() => {
    if (state.query.value !== null) return state.query.value;
    const first = state.sides.value.queries.tokens.findIndex((token) => !token.special);
    return Math.max(0, first);
  });
  const hasParts = () => typeof state.layerMeta.value?.dim === "number";
  const headWithParts = () => (hasParts() ? state.focusHead.value : null);
  const keyOf = (name: "query" | "key") => {
    const head = headWithParts();
    return head === null ? null : attentionKey(state, name, { head });
  };
  const scoresKey = () => {
    const head = headWithParts();
    return head === null ? null : attentionKey(state, "scores", { head, token: query.value });
  };
  const tensorOfHead = (name: "query" | "key") => resource(state, source, abort, () => keyOf(name));
  const queryVectors = tensorOfHead("query");
  const keyVectors = tensorOfHead("key");
  const scores = resource(state, source, abort, scoresKey);
  const attention = attentionRow(state, source, abort, () => [query.value]);

  const vectors = computed<Vectors | null>(() => {
    const [q, k] = [queryVectors.value, keyVectors.value];
    if (!q.tensor || !k.tensor || q.key !== keyOf("query") || k.key !== keyOf("key")) return null;
    if (query.value >= shapeAt(q.tensor, 0)) return null;
    const vector = at(q.tensor, query.value);
    const { data } = k.tensor;
    const dim = shapeAt(k.tensor, 1);
    return {
      query: vector,
      keys: { data, dim },
      product: (key, i) => (vector[i] ?? 0) * (data[key * dim + i] ?? 0),
    };
  });

  const productRange = computed(() => {
    const { value } = vectors;
    if (!value) return rangeAboutZero();
    const { data, dim } = value.keys;
    const products = new Float64Array(data.length);
    for (let i = 0; i < data.length; i++) {
      products[i] = (data[i] ?? 0) * (value.query[i % dim] ?? 0);
    }
    return rangeAboutZero(products);
  });

  const row = computed<Row | null>(() => {
    const head = state.focusHead.value;
    const weights = head === null ? undefined : attention.value.heads?.[head];
    if (!weights) return null;
    const sink = sinkOf(weights, state.layerMeta.value);
    // Without a kernel the scores may be missing where the weights are not.
    const rounded = { attention: weights, sink, errorOf: () => exactness().weight };
    if (!hasParts() || scores.value.error !== null) {
      return { ...rounded, score: null, logit: null, changed: false, largest: 0 };
    }
    const { tensor, key } = scores.value;
    if (!tensor || key !== scoresKey()) return null;
    const [score, logit] = [at(tensor, 0), at(tensor, 1)];
    const changed = logit.some((l, i) => l > Number.NEGATIVE_INFINITY && l !== score[i]);
    const seen = score.filter((_, i) => logit[i] !== Number.NEGATIVE_INFINITY);
    const known = { score, logit, changed, largest: rangeAboutZero(seen).high };
    // A page carries scores that are nearer than its weights; where a sink takes part, not all.
    const isNearer = exactness().weight > 0 && !state.layerMeta.value?.sinks;
    if (!isNearer) return { ...rounded, ...known };
    return { ...known, attention: softmax(logit), sink, errorOf: errorOfSoftmax };
  });

  const vectorRange = computed(() =>
    rangeAboutZero(queryVectors.value.tensor?.data ?? [], keyVectors.value.tensor?.data ?? []),
  );
  const vectorError = () => farthest(vectorRange.value) * exactness().element;
  const keyCount = () => state.sides.value.keys.tokens.length;
  const pieces = computed(() => piecesOf(state.words.value ? state.sides.value.keys.tokens : []));
  const hasPieces = computed(
    () => pieces.value.some(Boolean) || piecesOf(state.sides.value.queries.tokens).some(Boolean),
  );
  const wordOf = (token: number): number[] => {
    if (!state.words.value || !hasPieces.value) return [];
    const row = others.sides.value.queries.groups.findIndex((group) => group.includes(token));
    return row < 0 ? [] : [row];
  };
  const inWords = attentionRow(others, source, abort, () => wordOf(query.value), false);
  /** Of each token that ends a word the row of the word. */
  const wordEnds = computed(
    () =>
      new Map(others.sides.value.keys.groups.map((group, row) => [group[group.length - 1], row])),
  );
  const values = headValues(state, source, query, row, abort);
  const used = () => [
    queryVectors.value,
    keyVectors.value,
    scores.value,
    attention.value,
    inWords.value,
  ];
  return {
    query,
    hasParts,
    vectors,
    vectorRange,
    productRange,
    vectorError,
    productError: () => 2 * farthest(vectorRange.value) * vectorError(),
    row,
    values,
    count: () => keyCount() + Number((row.value?.sink ?? null) !== null),
    isSink: (index) => index >= keyCount(),
    pieces,
    hasPieces: computed(() => state.words.value && hasPieces.value),
    wordWeight: (index) => {
      const head = state.focusHead.value;
      const place = wordEnds.value.get(index);
      if (head === null || place === undefined) return null;
      return inWords.value.heads?.[head]?.[place] ?? null;
    },
    pending: () => values.pending() || used().some(({ pending }) => pending),
    error: () => used().find(({ error }) => error !== null)?.error ?? values.error(),
  };
}
