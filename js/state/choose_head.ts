/** Going to a head: which attention, which layer, which heads are looked at. */

import { batch } from "@preact/signals-core";
import type { Meta, State } from "../trace/contract";
import { isSameHead } from "../trace/layer_head";
import type { AttentionKind } from "../trace/options";
import { layersOf } from "../trace/sides";
import type { AppState } from "./app_state";
import { endPairs, togglePair } from "./head_pairs";
import { shownHeads } from "./shown_heads";

export interface Layer {
  kind: AttentionKind;
  layer: number;
}

export interface Head extends Layer {
  head: number;
}

/**
 * The tokens that are let go of, as another kind of attention is between other texts; the rule of
 * widget/address.py.
 */
export function ofOtherTexts(
  meta: Meta,
  kind: AttentionKind,
  before: AttentionKind,
): Partial<Pick<State, "token" | "pinned" | "key_token">> {
  const asks = (of: AttentionKind) => meta.target !== null && of !== "encoder";
  const answers = (of: AttentionKind) => asks(of) && of !== "cross";
  return {
    ...(asks(kind) !== asks(before) && { token: null, pinned: [] }),
    ...(answers(kind) !== answers(before) && { key_token: null }),
  };
}

/** Where the layer has none of it, the first that has. */
export function chooseKind(state: AppState, kind: AttentionKind): void {
  const { value: meta } = state.meta;
  const layers = layersOf(meta, kind);
  const { token, pinned, key_token } = ofOtherTexts(meta, kind, state.attention_kind.value);
  batch(() => {
    if (token === null) state.token.value = token;
    if (pinned && state.pinned.value.length) state.pinned.value = pinned;
    if (key_token === null) state.key_token.value = key_token;
    if (!layers[state.layer.value]) {
      state.layer.value = layers.findIndex((layer) => layer !== null);
    }
    state.attention_kind.value = kind;
  });
}

/** This layer alone, with its heads: no pairs beside it. */
export function showLayer(state: AppState, layer: number): void {
  batch(() => {
    endPairs(state);
    state.layer.value = layer;
  });
}

/** These heads of the layer alone. */
export function showHeads(state: AppState, heads: number[]): void {
  batch(() => {
    endPairs(state);
    state.heads.value = heads;
  });
}

/**
 * This head alone; with `several` it is added to the heads that are shown, or taken away: to those
 * of its layer, and heads of several layers become pairs.
 */
export function chooseHead(state: AppState, { kind, layer, head }: Head, several: boolean): void {
  const isOfKind = state.attention_kind.value === kind;
  const isHere = isOfKind && state.layer.value === layer;
  if (several && isOfKind && (state.pairs.value.length || !isHere)) {
    togglePair(state, { layer, head });
    return;
  }
  batch(() => {
    endPairs(state);
    if (!isOfKind) chooseKind(state, kind);
    state.layer.value = layer;
    state.heads.value = several && isHere ? toggled(state.activeHeads.value, head) : [head];
  });
}

/** Without the head where it is among them, else with it. */
export const toggled = (heads: readonly number[], head: number): number[] =>
  heads.includes(head)
    ? heads.filter((other) => other !== head)
    : [...heads, head].sort((a, b) => a - b);

/** Whether it is among the heads that are looked at. */
export const isChosen = (state: AppState, { kind, ...head }: Head): boolean =>
  state.attention_kind.value === kind && shownHeads(state).some((other) => isSameHead(other, head));

export const isShownLayer = (state: AppState, { kind, layer }: Layer): boolean =>
  state.attention_kind.value === kind && state.layer.value === layer;

export const sameHead = (a: Head | null, b: Head | null): boolean =>
  a?.kind === b?.kind && a?.layer === b?.layer && a?.head === b?.head;
