/** What the grid of heads shows: pictures and numbers as they come, order and places of heads. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { effectRange } from "../../draw/effect_colours";
import type { Box } from "../../draw/pen";
import { LEAST_SHARE, type Range, rangeAboutZero, rangeFromZero } from "../../draw/range";
import { FEWEST_QUERIES } from "../../measures/detectors";
import { byEffect, effectsOf } from "../../measures/effects";
import { heldHeads, labelsOf, ranked, sizesOf, summariesOf } from "../../measures/head_summaries";
import type { AppState } from "../../state/app_state";
import type { Head } from "../../state/choose_head";
import { divergenceKey, layerKey } from "../../state/shown_keys";
import type { Ranking } from "../../tensors/ranking";
import { resources } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import type { LabelName, NumberName } from "../../trace/contract";
import { at, type Numbers, shapeAt, type Tensor } from "../../trace/tensor";
import {
  type Block,
  type Cells,
  cellsOf,
  fittingCells,
  headsOf,
  marginsOf,
  rowsWithin,
} from "./cells";
import { GRID } from "./texts";
import { isLostLevel, type Picture, type Thumbnail } from "./thumbnails";

export type GridData = ReturnType<typeof gridData>;

export function gridData(
  state: AppState,
  source: TensorSource,
  ranking: Ranking,
  abort: AbortSignal,
) {
  const { say } = state;
  /** What is in sight of the scrolled area. */
  const seen = signal<Box>({ x: 0, y: 0, width: 0, height: 0 });
  /** As tall as the scrolled area may be. */
  const room = signal(0);
  const hovered = signal<Head | null>(null);
  /** Where the keyboard is. */
  const active = signal<Head | null>(null);
  /** Size of a picture; null for as large as fits. */
  const zoom = signal<number | null>(null);
  const picture = signal<Picture>("matrix");
  const largest = new WeakMap<Tensor, number>();

  const kinds = computed(() =>
    state.meta.value.attention.map((attention) => ({
      kind: attention.kind,
      layers: attention.layers.map((layer, index) => {
        if (!layer) return "noAttention" as const;
        if (layer.held?.length === 0) return "notHeld" as const;
        return headsOf(attention.kind, index, layer.n_heads);
      }),
      heads: heldHeads(attention),
    })),
  );
  /** Those that are there: a saved page may carry a part of them. */
  const heads = computed(() => kinds.value.flatMap((each) => each.heads));
  const names = computed(() => new Set(heads.value.map(nameOf)));
  const isHeld = (head: Head) => names.value.has(nameOf(head));
  /** The summary that colours; null for none. */
  const number = computed<NumberName | null>(() => {
    const { value: name } = state.summary;
    const isOfNothing = name === "divergence" && !state.comparison.value;
    return name === "none" || name === "effect" || isOfNothing ? null : name;
  });
  /** What is known of the effects of heads, where they colour; null elsewhere. */
  const showsEffects = computed(() => state.summary.value === "effect");
  const effectsKnown = computed(() => (showsEffects.value ? ranking.known.value : null));
  const effects = computed(() => effectsOf(effectsKnown.value));
  /** The label that the shown heads have; null for any. */
  const filter = computed<LabelName | null>(() => {
    const { value: name } = state.head_label;
    return name === "all" || name === "none" || state.isDifference.value ? null : name;
  });
  /** Whether a probe of the model says what heads are called. */
  const isProbed = computed(() => state.head_labels.value !== null);
  /** A text of few tokens tells nothing, and a difference of two passes is no pass. */
  const hasLabels = computed(
    () =>
      state.head_label.value !== "none" &&
      !state.isDifference.value &&
      (isProbed.value ||
        (state.rows.value !== "passages" &&
          state.sides.value.queries.tokens.length >= FEWEST_QUERIES)),
  );
  const isNumbered = computed(() => number.value !== null || showsEffects.value);
  const isCaptioned = computed(() => isNumbered.value || hasLabels.value || filter.value !== null);
  const keysOf = (name: "thumbnails" | "summaries", heads: readonly Head[]) =>
    heads.map((head) => layerKey(state, name, head));
  const summaryKeys = computed(() => [...new Set(keysOf("summaries", heads.value))]);

  const divergenceKeys = computed(() => [...new Set(heads.value.map(divergenceKey))]);

  const wanted = computed(() => {
    const { y, height } = seen.value;
    const rows = height && hasPictures.value ? rowsWithin(cells.value, y, y + height) : [];
    const inSight = rows.flatMap((row) => row.heads.filter(isHeld));
    const pointed = [hovered.value, active.value].flatMap((head) =>
      head && isHeld(head) ? [head] : [],
    );
    return [
      ...new Set([
        ...keysOf("summaries", pointed),
        ...keysOf("thumbnails", inSight),
        ...(number.value === "divergence" ? divergenceKeys.value : []),
        ...((number.value && number.value !== "divergence") ||
        (!isProbed.value && (hasLabels.value || filter.value))
          ? summaryKeys.value
          : []),
      ]),
    ];
  });
  const tensors = resources(state, source, abort, () => wanted.value, "idle");
  const summaries = computed(() => {
    const { tensors: here } = tensors.value;
    return summariesOf(
      (layer) => here.get(layerKey(state, "summaries", layer)),
      (layer) => here.get(divergenceKey(layer)),
    );
  });
  const sized = () => (state.isDifference.value ? sizesOf(summaries.value) : summaries.value);
  const areKnown = computed(() => heads.value.every(summaries.value.has));
  const labels = computed(() => labelsOf(state, summaries.value));
  const areLabelled = computed(() => isProbed.value || areKnown.value);
  /** Once all are known, as ranks are. */
  const isFiltered = computed(() => filter.value !== null && areLabelled.value);
  const passes = (head: Head) => !isFiltered.value || labels.value(head)?.name === filter.value;
  /** Once all are known: before, their places would change with each layer that comes. */
  const isRanked = computed(() => {
    if (!state.sort_heads.value) return false;
    if (showsEffects.value) return effectsKnown.value !== null;
    if (number.value === "divergence") {
      const { of } = summaries.value;
      return heads.value.every((head) => !Number.isNaN(of(head, "divergence")));
    }
    return number.value !== null && areKnown.value;
  });
  function inOrder(heads: readonly Head[]): readonly Head[] | null {
    if (!isRanked.value) return isFiltered.value ? heads.filter(passes) : null;
    const shown = heads.filter(passes);
    if (number.value) return ranked(shown, sized(), number.value);
    return byEffect(shown, effects.value, ranking.isRunning.value);
  }
  const blocks = computed<Block[]>(() =>
    kinds.value.map(({ kind, layers, heads }) => ({
      kind,
      layers,
      ranked: inOrder(heads),
    })),
  );
  /** Whether the heads of all layers stand one after another. */
  const isListed = computed(() => isRanked.value || isFiltered.value);
  /** Null where rows are no layers. */
  const axes = computed(() =>
    isListed.value ? null : { layer: say(GRID.layer), head: say(GRID.head) },
  );
  const margins = computed(() => marginsOf(axes.value));
  const width = computed(() => Math.max(0, seen.value.width - margins.value.left));
  const fitting = computed(() => {
    const height = room.value - margins.value.top;
    return fittingCells(blocks.value, isCaptioned.value, width.value, height);
  });
  const cells: ReadonlySignal<Cells> = computed(() =>
    zoom.value
      ? cellsOf(blocks.value, zoom.value, isCaptioned.value, width.value)
      : fitting.value.cells,
  );
  /** Where there is no room for a number below a picture, its colour takes the whole cell. */
  const hasPictures = computed(() => !isNumbered.value || cells.value.caption > 0);

  function thumbnailOf(head: Head): Thumbnail | null {
    const tensor = tensors.value.tensors.get(layerKey(state, "thumbnails", head));
    if (!tensor || !isHeld(head) || head.head >= shapeAt(tensor, 0)) return null;
    const [rows, columns] = [shapeAt(tensor, 1), shapeAt(tensor, 2)];
    if (!rows || !columns) return null; // all tokens are hidden
    return { rows, columns, levels: at(tensor, head.head) };
  }

  /** The largest in the pictures of its layer; 1 where there is nothing else. */
  function largestOf(head: Head): number {
    const tensor = tensors.value.tensors.get(layerKey(state, "thumbnails", head));
    if (!tensor) return 1;
    const known = largest.get(tensor) ?? farthestIn(tensor.data);
    largest.set(tensor, known);
    return known || 1;
  }

  return {
    seen,
    room,
    largestOf,
    hovered,
    active,
    zoom,
    picture,
    heads,
    isHeld,
    tensors,
    thumbnailOf,
    number,
    summaries,
    areKnown,
    areLabelled,
    isProbed,
    labels,
    hasLabels,
    /** The label that the shown heads have, once that is known; else null. */
    filter: computed(() => (isFiltered.value ? filter.value : null)),
    shown: computed(() => heads.value.filter(passes)),
    showsEffects,
    effectsKnown,
    effects,
    ranking,
    /** Of the numbers that colour; null for none. */
    range: computed((): Range | null => {
      const [{ value: name }, { value: found }] = [number, effectsKnown];
      if (found) return effectRange(found);
      if (!name) return null;
      const values = heads.value.map((head) => summaries.value.of(head, name));
      return state.isDifference.value && name !== "divergence"
        ? rangeAboutZero(values)
        : rangeFromZero([values], LEAST_SHARE);
    }),
    /** Where the difference is shown, and no head has any. */
    isNothing: computed(
      () =>
        state.isDifference.value &&
        (hasPictures.value
          ? heads.value.every((head) => thumbnailOf(head)?.levels.every((level) => !level))
          : heads.value.every((head) => number.value && !summaries.value.of(head, number.value))),
    ),
    isRanked,
    isListed,
    axes,
    margins,
    cells,
    /** Whether all heads can be seen at once, at a size that can be read. */
    fits: computed(() => fitting.value.fits),
    hasPictures,
    /** Whether weights of a picture are NaN. */
    isLossy: computed(() =>
      heads.value.some((head) => {
        const levels = thumbnailOf(head)?.levels ?? new Uint8Array();
        return levels.some((_, cell) => isLostLevel(levels, cell));
      }),
    ),
  };
}

function farthestIn(values: Numbers): number {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}

const nameOf = ({ kind, layer, head }: Head): string => `${kind} ${layer} ${head}`;
