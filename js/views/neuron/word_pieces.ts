/** Which tokens are pieces of one word, and which of them is looked at. */

import { h } from "../../browser/dom";
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
  for (const { tokens: word } of unitsOf(tokens, true)) {
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
  const chips = h("span", {
    class: "aw-chips",
    role: "group",
    "aria-label": say(NEURON.pieceShown),
  });
  const element = h("span", { class: "aw-field" }, h("span", {}, say(NEURON.piece)), chips);
  watch(abort, () => {
    const choice = choiceOf(state);
    const { queries } = state.sides.value;
    element.hidden = !choice.length;
    const pressed = chips.querySelector<HTMLElement>(":focus")?.dataset.piece;
    chips.replaceChildren(
      ...choice.map((row) =>
        h(
          "button",
          {
            type: "button",
            class: "aw-chip aw-piece-chip",
            "data-piece": row,
            "aria-pressed": String(row === state.selected.value),
            dir: "auto",
          },
          queries.tokens[row]?.label ?? "",
        ),
      ),
    );
    if (pressed) chips.querySelector<HTMLElement>(`[data-piece="${pressed}"]`)?.focus();
  });
  chips.addEventListener(
    "click",
    (event) => {
      const chip = (event.target as Element).closest<HTMLElement>("[data-piece]");
      const token = chip && state.sides.value.queries.toText[Number(chip.dataset.piece)];
      if (typeof token === "number") state.token.value = token;
    },
    { signal: abort },
  );
  return element;
}
