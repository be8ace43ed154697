/** Which tokens are pieces of one word, and which of them is looked at. */

import { computed } from "@preact/signals-core";
import { h } from "../../browser/dom";
import { chipRow } from "../../controls/chips";
import { type AppState, watch } from "../../state/app_state";
import type { TokenMeta } from "../../trace/contract";
import { unitsOf } from "../../trace/units";
import { NEURON } from "./texts";

export interface Piece {
  place: "first" | "inner" | "last";
  /** All pieces of its word, in order. */
  word: readonly number[];
}

const found = new WeakMap<readonly TokenMeta[], readonly (Piece | undefined)[]>();

/** Of each token its place in a word of several; undefined for one that is a word by itself. */
export function piecesOf(tokens: readonly TokenMeta[]): readonly (Piece | undefined)[] {
  const known = found.get(tokens);
  if (known) return known;
  const pieces: (Piece | undefined)[] = tokens.map(() => undefined);
  found.set(tokens, pieces);
  for (const { tokens: word } of unitsOf(tokens, "words")) {
    if (word.length < 2) continue;
    word.forEach((token, at) => {
      const place = at === 0 ? "first" : at === word.length - 1 ? "last" : "inner";
      pieces[token] = { place, word };
    });
  }
  return pieces;
}

/** Pieces of the word that is selected; empty where there is no choice. */
export function choiceOf(state: AppState): readonly number[] {
  if (!state.words.value) return [];
  const { value: row } = state.selected;
  const { tokens } = state.sides.value.queries;
  return row === null ? [] : (piecesOf(tokens)[row]?.word ?? []);
}

/** A word's attention is the mean over its pieces: here one of them is chosen. */
export function pieceChips(state: AppState, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const choice = computed(() => choiceOf(state));
  const side = () => state.sides.value.queries;
  const label = (index: number) => side().tokens[choice.value[index] ?? -1]?.label ?? "";
  const chips = chipRow(
    { row: say(NEURON.pieceShown), chip: label, off: label, text: label },
    "radiogroup",
    abort,
    (index) => {
      state.token.value = side().toText[choice.value[index] ?? -1] ?? state.token.value;
    },
  );
  const element = h("span", { class: "aw-field" }, h("span", {}, say(NEURON.piece)), chips.element);
  watch(abort, () => {
    const { length: count } = choice.value;
    element.hidden = !count;
    chips.set({ count, pressed: [choice.value.indexOf(state.selected.value ?? -1)] });
  });
  return element;
}
