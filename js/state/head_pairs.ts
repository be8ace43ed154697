/** The list of heads of several layers: what joins it, what leaves it, and the head in focus. */

import { batch } from "@preact/signals-core";
import { isSameHead, type LayerHead } from "../trace/layer_head";
import type { AppState } from "./app_state";
import { shownHeads } from "./shown_heads";

/** As many as `head_pairs` in protocol/selection_options.py takes. */
export const MOST_PAIRS = 8;

/** What is shown is of one layer again. */
export function endPairs(state: AppState): void {
  if (state.head_pairs.value.length) state.head_pairs.value = [];
}

/** The head joins those that are shown, or leaves them. */
export function togglePair(state: AppState, head: LayerHead): void {
  const isShown = shownHeads(state).some((other) => isSameHead(other, head));
  (isShown ? removePair : addPair)(state, head);
}

/** It comes into focus too. Where the list is full the first leaves it; more heads than make a list
 * give way to this one. */
export function addPair(state: AppState, head: LayerHead): void {
  const before = shownHeads(state);
  const isList = before.length < MOST_PAIRS || state.pairs.value.length > 0;
  const others = isList ? before.filter((other) => !isSameHead(other, head)) : [];
  setPairs(state, [...others, head].slice(-MOST_PAIRS), head);
}

/** Of two that one is left which stays; a list of one is the head alone. */
export function removePair(state: AppState, head: LayerHead): void {
  const left = shownHeads(state).filter((other) => !isSameHead(other, head));
  const focus = { layer: state.layer.value, head: state.focusHead.value ?? -1 };
  const stays = left.find((other) => isSameHead(other, focus));
  setPairs(state, left, stays ?? left[left.length - 1] ?? head);
}

function setPairs(state: AppState, pairs: readonly LayerHead[], focus: LayerHead): void {
  batch(() => {
    state.head_pairs.value =
      pairs.length > 1 ? pairs.map(({ layer, head }): [number, number] => [layer, head]) : [];
    state.layer.value = focus.layer;
    state.heads.value = [focus.head];
  });
}
