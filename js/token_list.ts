/** What every list of tokens does alike: hover, click, arrows, and keep the selected in sight. */

import { ROW_HEIGHT, tokenOf } from "./rows";
import { type AppState, type Hover, toggleToken } from "./state";

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
      if (token !== null) toggleToken(state, token);
    },
    { signal: abort },
  );
}

/**
 * Arrows walk through the tokens, Escape lets go.
 *
 * @returns scrolls a newly selected token into sight; called once its row has its place.
 */
export function linkScroller(
  scroller: HTMLElement,
  state: AppState,
  abort: AbortSignal,
): () => void {
  scroller.addEventListener(
    "keydown",
    (event) => {
      const last = state.meta.value.tokens.length - 1;
      const now = state.token.value;
      const next = {
        ArrowDown: now === null ? 0 : Math.min(last, now + 1),
        ArrowUp: now === null ? last : Math.max(0, now - 1),
        Home: 0,
        End: last,
        Escape: null,
      }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      state.token.value = next;
    },
    { signal: abort },
  );
  let revealed: number | null = null;
  return () => {
    const token = state.token.value;
    if (token === revealed) return;
    revealed = token;
    if (token === null) return;
    const top = token * ROW_HEIGHT;
    const { scrollTop, clientHeight } = scroller;
    if (top >= scrollTop && top + ROW_HEIGHT <= scrollTop + clientHeight) return;
    scroller.scrollTop = top - (clientHeight - ROW_HEIGHT) / 2;
  };
}

/** A row's text and marks; `as` says which column it stands in. */
export function markRow(node: HTMLElement, index: number, as: Hover["as"], state: AppState): void {
  const hovered = state.hovered.value;
  const pinned = state.pinned.value;
  const unit = state.unitOfToken.value;
  const token = state.meta.value.tokens[index];
  node.classList.toggle("aw-special", token?.special ?? false);
  node.classList.toggle("aw-hovered", hovered?.token === index);
  node.classList.toggle("aw-hovered-here", hovered?.token === index && hovered.as === as);
  node.classList.toggle("aw-selected", state.token.value === index);
  node.classList.toggle("aw-pinned", pinned !== null && unit[pinned] === unit[index]);
}
