/** Going to a head: which attention, which layer, which heads are looked at. */

import { batch } from "@preact/signals-core";
import type { Meta, State } from "../trace/contract";
import type { AttentionKind } from "../trace/options";
import { layersOf } from "../trace/sides";
import type { AppState } from "./app_state";

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

/** This head alone; with `several` it is added to those of its layer, or taken away. */
export function chooseHead(state: AppState, { kind, layer, head }: Head, several: boolean): void {
  const isHere = isShownLayer(state, { kind, layer });
  const chosen = state.activeHeads.value;
  batch(() => {
    if (state.attention_kind.value !== kind) chooseKind(state, kind);
    state.layer.value = layer;
    if (!several || !isHere) state.heads.value = [head];
    else if (chosen.includes(head)) state.heads.value = chosen.filter((other) => other !== head);
    else state.heads.value = [...chosen, head].sort((a, b) => a - b);
  });
}

/** Whether it is among the heads that are looked at. */
export const isChosen = (state: AppState, { kind, layer, head }: Head): boolean =>
  isShownLayer(state, { kind, layer }) && state.activeHeads.value.includes(head);

export const isShownLayer = (state: AppState, { kind, layer }: Layer): boolean =>
  state.attention_kind.value === kind && state.layer.value === layer;

export const sameHead = (a: Head | null, b: Head | null): boolean =>
  a?.kind === b?.kind && a?.layer === b?.layer && a?.head === b?.head;
