/** Keys that are heard wherever the focus is in the widget, but where a person writes or chooses. */

import { on } from "../browser/dom";
import { isControl } from "../interact/keys";
import type { AppState } from "../state/app_state";
import { showHeads, showLayer } from "../state/choose_head";
import { letGo } from "../state/selecting";

/** Where a person writes or chooses. */
const OWN_KEYS = "input, textarea, select, dialog";

/** Neither the browser's nor somebody's nearer, nor written. */
const isOfWidget = (event: KeyboardEvent): boolean =>
  !isControl(event) &&
  !event.altKey &&
  !event.isComposing &&
  !event.defaultPrevented &&
  !(event.target as Element).closest(OWN_KEYS);

/** `acts` by letter; `back` where Shift is held. An act that answers false leaves the key alone. */
export type LetterActs = Readonly<Record<string, (back: boolean) => unknown>>;

function listenToLetters(root: HTMLElement, acts: LetterActs, abort: AbortSignal): void {
  on(root, "keydown", abort, (event) => {
    if (!isOfWidget(event)) return;
    const act = acts[letterOf(event)];
    if (!act || act(event.shiftKey) === false) return;
    event.preventDefault();
  });
}

/** By its place on the keyboard where the layout has other letters, such as Cyrillic. */
const letterOf = ({ key, code }: KeyboardEvent): string =>
  (/^[a-z]$/i.test(key) ? key : code.replace(/^Key/, "")).toLowerCase();

/**
 * Escape lets go of the tokens wherever nothing nearer has a use for it, before it leaves a full
 * window: so this listens before what fills the window does.
 */
export function letGoByEscape(root: HTMLElement, state: AppState, abort: AbortSignal): void {
  on(root, "keydown", abort, (event) => {
    if (event.key !== "Escape" || !isOfWidget(event)) return;
    if (letGo(state)) event.preventDefault();
  });
}

/** Of an atlas alone. */
export function atlasKeys(
  root: HTMLElement,
  state: AppState,
  enlarge: HTMLElement,
  abort: AbortSignal,
): void {
  listenToLetters(root, { ...headActs(state), f: () => enlarge.click() }, abort);
}

export function widgetKeys(
  root: HTMLElement,
  state: AppState,
  enlarge: HTMLElement,
  nextOffer: () => boolean,
  leaveOut: (back: boolean) => boolean,
  abort: AbortSignal,
): void {
  const acts: LetterActs = {
    ...headActs(state),
    n: nextOffer,
    f: () => enlarge.click(),
    x: leaveOut,
  };
  listenToLetters(root, acts, abort);
}

const headActs = (state: AppState): LetterActs => ({
  h: (back) => showOtherHead(state, back ? -1 : 1),
  l: (back) => showOtherLayer(state, back ? -1 : 1),
});

/** Of the layer, round its ends; the first where none is chosen. */
function showOtherHead(state: AppState, step: 1 | -1): void {
  const count = state.layerMeta.value?.n_heads ?? 0;
  const { value: now } = state.focusHead;
  if (!count) return;
  showHeads(state, [now === null ? 0 : (now + step + count) % count]);
}

/** Round the ends, past layers without attention of the kind. */
function showOtherLayer(state: AppState, step: 1 | -1): void {
  const { value: layers } = state.layers;
  const there = layers.flatMap((layer, index) => (layer ? [index] : []));
  const now = there.indexOf(state.layer.value);
  const next = there[(now + step + there.length) % there.length];
  if (next !== undefined) showLayer(state, next);
}
