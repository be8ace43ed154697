/** What every list of tokens does alike: hover, click, keys, names and marks. */

import { batch } from "@preact/signals-core";
import { h, on } from "../browser/dom";
import { listenToKeys } from "../interact/keys";
import { patchStyle, segmentStarts, tokenDetails } from "../language/descriptions";
import { unsteered } from "../language/direction";
import { DESCRIPTIONS } from "../language/texts/descriptions";
import type { AppState, Hover } from "../state/app_state";
import { letGo, toggleToken } from "../state/selecting";
import type { TokenMeta } from "../trace/contract";
import { DOWN, rowsOnPage, type Track, tokenOf } from "./virtual_rows";

/** Hover and click on the rows of one column. */
export function linkRows(
  rows: HTMLElement,
  as: Hover["as"],
  state: AppState,
  abort: AbortSignal,
): void {
  on(rows, "pointerover", abort, (event) => {
    const token = tokenOf(event);
    if (token !== null) state.hovered.value = { token, as };
  });
  on(rows, "pointerleave", abort, () => {
    state.hovered.value = null;
  });
  on(rows, "click", abort, (event) => {
    const token = tokenOf(event);
    if (token !== null) toggleToken(state, token, as);
  });
}

/**
 * Arrows and pages walk through the rows, Enter lets go of one or selects it again, Escape lets go
 * of all.
 */
export function linkKeys(
  scroller: HTMLElement,
  as: Hover["as"],
  state: AppState,
  abort: AbortSignal,
  track: () => Track = () => DOWN,
): void {
  const isKeys = as === "key";
  const selected = isKeys ? state.key_token : state.token;
  let left: number | null = null; // where Enter let go
  const toggle = () => {
    const { value: now } = selected;
    selected.value = now === null ? nextRow(state, isKeys, (left ?? 0) - 1, 1) : null;
    left = now;
  };
  listenToKeys(
    scroller,
    {
      move({ by, x, y }) {
        if (by === "step" && x && track().vertical) return false;
        const step = x + y;
        const { queryText, keyText } = state.sides.value;
        const { length } = (isKeys ? keyText : queryText).tokens; // in all windows
        const [before, beyond] = step > 0 ? [-1, length] : [length, -1];
        if (by === "end") selected.value = nextRow(state, isKeys, beyond, -step);
        const rows = { step: 1, page: rowsOnPage(scroller, track()), end: 0 }[by];
        batch(() => {
          for (let row = 0; row < rows; row++) {
            selected.value = nextRow(state, isKeys, selected.value ?? before, step);
          }
        });
        return true;
      },
      enter: toggle,
      space: toggle,
      escape: () => letGo(state),
    },
    abort,
  );
}

/** The first token of the next row that is shown; where there is none, the one it started from. */
function nextRow(state: AppState, isKeys: boolean, from: number, step: number): number | null {
  const { queries, keys, queryText, keyText } = state.sides.value;
  const { toRow, toText } = isKeys ? keys : queries;
  const { tokens } = isKeys ? keyText : queryText;
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
  node.classList.toggle("aw-padding", token?.padding ?? false);
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
  passage: null,
  special: true,
  segment: null,
  step: null,
  probability: null,
  box: null,
  time: null,
  piece: null,
  padding: false,
};

/** The text of a token, with its piece of the image. */
export function drawLabel(label: HTMLElement, token: TokenMeta | undefined, state: AppState): void {
  const text = token === SINK ? state.say(DESCRIPTIONS.sink) : unsteered(token?.label ?? "");
  const key = `${text}\n${token?.box ?? ""}`;
  if (label.dataset.drawn !== key) {
    label.dataset.drawn = key;
    label.replaceChildren(...thumbnail(token, state), text);
  }
  const title = token ? [text, ...tokenDetails(token, state)].join("\n") : "";
  if (label.title !== title) label.title = title;
}

function thumbnail(token: TokenMeta | undefined, state: AppState): HTMLElement[] {
  const style = patchStyle(token?.box ?? null, state.meta.value.image);
  if (!style) return [];
  const node = h("span", { class: "aw-thumbnail" });
  node.style.cssText = style;
  return [node];
}
