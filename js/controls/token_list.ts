/** What every list of tokens does alike: hover, click, arrows, and keep the selected in sight. */

import { batch } from "@preact/signals-core";
import { h } from "../browser/dom";
import { patchStyle, segmentStarts, tokenDetails } from "../language/descriptions";
import { unsteered } from "../language/direction";
import { DESCRIPTIONS } from "../language/texts/descriptions";
import { type AppState, type Hover, toggleToken } from "../state/app_state";
import type { TokenMeta } from "../trace/contract";
import { ROW_HEIGHT, tokenOf } from "./virtual_rows";

/** Hover and click on the rows of one column. */
export function linkRows(
  rows: HTMLElement,
  as: Hover["as"],
  state: AppState,
  abort: AbortSignal,
): void {
  rows.addEventListener(
    "pointerover",
    (event) => {
      const token = tokenOf(event);
      if (token !== null) state.hovered.value = { token, as };
    },
    { signal: abort },
  );
  rows.addEventListener(
    "pointerleave",
    () => {
      state.hovered.value = null;
    },
    { signal: abort },
  );
  rows.addEventListener(
    "click",
    (event) => {
      const token = tokenOf(event);
      if (token !== null) toggleToken(state, token, as);
    },
    { signal: abort },
  );
}

/** Arrows walk through the rows, Enter lets go of one or selects it again, Escape lets go of all. */
export function linkKeys(
  scroller: HTMLElement,
  state: AppState,
  abort: AbortSignal,
  as: Hover["as"] = "query",
): void {
  let left: number | null = null; // where Enter let go
  scroller.addEventListener(
    "keydown",
    (event) => {
      const { queryText, keyText } = state.sides.value;
      const ofKeys = as === "key";
      const selected = ofKeys ? state.key_token : state.token;
      const { tokens } = ofKeys ? keyText : queryText;
      const last = tokens.length - 1; // in all windows
      const now = selected.value;
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      let next: number | null;
      if (step !== undefined)
        next = nextRow(state, ofKeys, now ?? (step > 0 ? -1 : last + 1), step);
      else if (event.key === "Home") next = nextRow(state, ofKeys, -1, 1);
      else if (event.key === "End") next = nextRow(state, ofKeys, last + 1, -1);
      else if (event.key === "Escape") next = null;
      else if (event.key === "Enter" || event.key === " ") {
        next = now === null ? nextRow(state, ofKeys, (left ?? 0) - 1, 1) : null;
        left = now;
      } else return;
      event.preventDefault();
      batch(() => {
        selected.value = next;
        if (event.key !== "Escape") return;
        state.token.value = null;
        state.key_token.value = null;
      });
    },
    { signal: abort },
  );
}

/** The first token of the next row that is shown; where there is none, the one it started from. */
function nextRow(state: AppState, ofKeys: boolean, from: number, step: number): number | null {
  const { queries, keys, queryText, keyText } = state.sides.value;
  const { toRow, toText } = ofKeys ? keys : queries;
  const { tokens } = ofKeys ? keyText : queryText;
  const hides = state.special_tokens.value !== "show";
  const start = toRow.get(from);
  for (let token = from + step; token >= 0 && token < tokens.length; token += step) {
    const row = toRow.get(token);
    if (row === undefined) {
      if (hides && tokens[token]?.special) continue;
      return token; // in another window
    }
    if (row === start) continue;
    return toText[row] ?? token;
  }
  return tokens[from] ? from : null;
}

/**
 * Keys as above.
 *
 * @returns scrolls a newly selected token into sight; called once its row has its place.
 */
export function linkScroller(
  scroller: HTMLElement,
  state: AppState,
  abort: AbortSignal,
): () => void {
  linkKeys(scroller, state, abort);
  let revealed: number | null = null;
  return () => {
    const token = state.selected.value;
    if (token === revealed) return;
    revealed = token;
    if (token === null) return;
    const top = token * ROW_HEIGHT;
    const { scrollTop, clientHeight } = scroller;
    if (top >= scrollTop && top + ROW_HEIGHT <= scrollTop + clientHeight) return;
    scroller.scrollTop = top - (clientHeight - ROW_HEIGHT) / 2;
  };
}

/** Marks of a row; `as` says which column it stands in. */
export function markRow(node: HTMLElement, row: number, as: Hover["as"], state: AppState): void {
  const hovered = state.hovered.value;
  const { same, queries, keys } = state.sides.value;
  const side = as === "key" ? keys : queries;
  const token = side.tokens[row];
  const isQuery = as === "query" || same;
  const index = isQuery ? side.toText[row] : null;
  const unit = state.unitOfToken.value;
  const pinned = state.pinned.value;
  const isHovered = hovered?.token === row && (same || hovered.as === as);
  const role = segmentStarts(side.tokens, state.meta.value.roles).get(row) ?? "";
  node.classList.toggle("aw-special", token?.special ?? false);
  node.classList.toggle("aw-generated", (token?.step ?? null) !== null);
  node.classList.toggle("aw-hovered", isHovered);
  node.classList.toggle("aw-hovered-here", isHovered && hovered.as === as);
  node.classList.toggle("aw-selected", isQuery && state.selected.value === row);
  const isKey = as === "key" || same;
  node.classList.toggle("aw-selected-key", isKey && state.selectedKey.value === row);
  node.classList.toggle(
    "aw-pinned",
    typeof index === "number" && pinned.some((token) => unit[token] === unit[index]),
  );
  if (node.dataset.role !== role) {
    if (role) node.dataset.role = role;
    else delete node.dataset.role;
  }
}

/** The row below those of the keys, for what goes to no token. */
export const SINK: TokenMeta = {
  id: null,
  label: "sink",
  text: "",
  lead: "",
  trail: "",
  start: null,
  end: null,
  word: null,
  special: true,
  segment: null,
  step: null,
  probability: null,
  box: null,
  time: null,
};

/** The text of a token, with its piece of the image. */
export function drawLabel(label: HTMLElement, token: TokenMeta | undefined, state: AppState): void {
  const text = token === SINK ? state.say(DESCRIPTIONS.sink) : unsteered(token?.label ?? "");
  const key = `${text}\n${token?.box ?? ""}`;
  if (label.dataset.drawn !== key) {
    label.dataset.drawn = key;
    label.replaceChildren(...thumbnail(token, state), text);
  }
  const title = token ? [text, ...tokenDetails(token, state.say)].join("\n") : "";
  if (label.title !== title) label.title = title;
}

function thumbnail(token: TokenMeta | undefined, state: AppState): HTMLElement[] {
  const style = patchStyle(token?.box ?? null, state.meta.value.image);
  if (!style) return [];
  const node = h("span", { class: "aw-thumbnail" });
  node.style.cssText = style;
  return [node];
}
