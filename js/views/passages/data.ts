/** Shares by passage, layer and head, and what comes of leaving passages out. */

import { computed, signal } from "@preact/signals-core";
import { answerQueries, meanOf, partsOf, passagesOf, sharesOf } from "../../measures/shares";
import type { AppState } from "../../state/app_state";
import { attentionKey } from "../../state/shown_keys";
import { ungrouped } from "../../state/ungrouped";
import type { Model } from "../../tensors/answer";
import { leavingOut } from "../../tensors/leaving_out";
import { resources } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import type { LayerHead } from "../../trace/layer_head";
import { at, shapeAt } from "../../trace/tensor";
import { sharedMeasure } from "./measure";

export type PassagesData = ReturnType<typeof passagesData>;

/** As FEWEST in measures/receivers.py. */
export const FEWEST = 8;

export function passagesData(
  state: AppState,
  source: TensorSource,
  model: Model,
  abort: AbortSignal,
) {
  const tokens = ungrouped(state);
  const { measured, shown, lacks } = sharedMeasure(state);
  const asked: AppState = { ...tokens, measure_shown: shown };
  const ofLayers = computed(() => shown.value?.per === "layer");
  const groups = computed(() => passagesOf(tokens.sides.value.keys.tokens));
  const names = computed(() => [...groups.value.keys()]);
  const isOfToken = () => state.share_of.value === "token";
  /** Rows of the queries; empty while none is selected. */
  const queries = computed((): readonly number[] => {
    const { queries: side, window } = tokens.sides.value;
    if (isOfToken()) return tokens.selected.value === null ? [] : [tokens.selected.value];
    if (window !== null) return []; // the answer stands in one window, and its text in others
    const isEncoder = state.attention_kind.value === "encoder";
    return answerQueries(
      side.tokens,
      isEncoder,
      state.meta.value.target ? [] : state.meta.value.roles,
    );
  });
  const layers = computed(() =>
    state.layers.value.flatMap((layer, index) =>
      layer && layer.held?.length !== 0 ? [index] : [],
    ),
  );
  const wanted = () => names.value.length > 0 && queries.value.length > 0;
  const keyOf = (layer: number) =>
    attentionKey(asked, "attention_row", { layer, tokens: queries.value });
  const status = resources(
    tokens,
    source,
    abort,
    () => (wanted() ? layers.value.map(keyOf) : []),
    "idle",
  );
  /** Of each layer that is here and each head: a number for each passage, and for the rest. */
  const shares = computed(() => {
    const { tensors } = status.value;
    const found = new Map<number, number[][]>();
    if (!wanted()) return found;
    for (const layer of layers.value) {
      const tensor = tensors.get(keyOf(layer));
      if (!tensor) continue;
      const all = Array.from({ length: shapeAt(tensor, 0) }, (_, head) => head);
      // Of a whole layer each head has the same; a page has that of its own heads.
      const heads = ofLayers.value ? [state.layers.value[layer]?.held?.[0] ?? 0] : all;
      const ofHeads = heads.map((head) => sharesOf(at(tensor, head), groups.value));
      found.set(layer, shown.value?.scale === "size" ? ofHeads.map(partsOf) : ofHeads);
    }
    return found;
  });
  /** What a passage has of a head; of a whole layer each head has the same. */
  const shareOf = ({ layer, head }: LayerHead, passage: number): number =>
    shares.value.get(layer)?.[ofLayers.value ? 0 : head]?.[passage] ?? Number.NaN;
  const isWhole = computed(() => shares.value.size === layers.value.length);
  /** Of all heads of the model: NaN until all of its layers are here. */
  const overall = computed(() => {
    if (!isWhole.value) return [...names.value, null].map(() => Number.NaN);
    const all = [...shares.value.values()].flat();
    return [...names.value, null].map((_, passage) =>
      meanOf(all.map((of) => of[passage] ?? Number.NaN)),
    );
  });
  /** Of the heads that are shown: NaN until all of them are here. */
  const ofShown = computed(() => {
    const { pairs, activeHeads } = ofLayers.value ? measured : state; // each layer once
    const heads: readonly LayerHead[] = pairs.value.length
      ? pairs.value
      : activeHeads.value.map((head) => ({ layer: state.layer.value, head }));
    const come = heads.filter(({ layer }) => layers.value.includes(layer)); // a page lacks some
    const areHere = come.every(({ layer }) => shares.value.has(layer));
    return [...names.value, null].map((_, passage) =>
      areHere ? meanOf(come.map((head) => shareOf(head, passage))) : Number.NaN,
    );
  });
  const hasReceivers = computed(
    () =>
      names.value.length >= FEWEST &&
      state.sides.value.same &&
      tokens.sides.value.queries.tokens.some(({ passage }) => passage !== null),
  );
  const receivers = resources(
    tokens,
    source,
    abort,
    () =>
      hasReceivers.value && !state.isDifference.value
        ? layers.value.map((layer) => attentionKey(tokens, "receivers", { layer }))
        : [],
    "idle",
  );
  /** The heads whose attention from later passages lies on the fewest, those first. */
  const receiverHeads = computed(() => {
    const { tensors, missing } = receivers.value;
    if (missing) return []; // the first of some would not be the first of all
    const heads = layers.value.flatMap((layer) => {
      const tensor = tensors.get(attentionKey(tokens, "receivers", { layer }));
      const { held = null } = state.layers.value[layer] ?? {};
      return tensor
        ? Array.from(tensor.data, (kurtosis, head) => ({ layer, head, kurtosis })).filter(
            ({ head }) => held === null || held.includes(head),
          )
        : [];
    });
    return heads
      .filter(({ kurtosis }) => Number.isFinite(kurtosis))
      .sort((a, b) => b.kurtosis - a.kurtosis);
  });
  const chosen = signal<string | null>(null);
  const first = (values: readonly number[]): number => {
    const own = values.slice(0, names.value.length);
    return own.reduce(
      (best, value, i) => (value > (own[best] ?? Number.NEGATIVE_INFINITY) ? i : best),
      0,
    );
  };
  const leaving = leavingOut(state, model, abort, () =>
    isOfToken()
      ? { name: "left_out", position: state.token.value }
      : { name: "left_out", position: null },
  );
  return {
    tokens,
    names,
    queries,
    layers,
    status,
    /** The measure in the place of attention; null for attention. */
    measure: shown,
    /** The measure that is chosen where it has no shares. */
    lacks,
    ofLayers,
    shares,
    shareOf,
    overall,
    ofShown,
    isWhole,
    isOfToken,
    hasReceivers,
    receivers,
    receiverHeads,
    leaving,
    /** The passage with the largest share. */
    topShare: computed(() => first(overall.value)),
    /** The passage whose shares the map shows. */
    picked: computed(() => {
      const own = chosen.value === null ? -1 : names.value.indexOf(chosen.value);
      return own < 0 ? first(overall.value) : own;
    }),
    pick: (passage: number) => {
      chosen.value = names.value[passage] ?? null;
    },
  };
}
