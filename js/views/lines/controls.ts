/** What may be chosen of the lines: how many, of which texts, in which direction. */

import { h } from "../../browser/dom";
import { optionControls } from "../../controls/option_controls";
import { type AppState, watch } from "../../state/app_state";
import { hasPair } from "./data";
import { LINES, LINES_OPTIONS } from "./texts";

/** Most weights are small: the thresholds are denser there. */
const THRESHOLDS = [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5];

/** `atOnce`: whether lines follow a slider while it is moved; else once it is let go. */
export function lineControls(
  element: HTMLElement,
  state: AppState,
  atOnce: () => boolean,
  abort: AbortSignal,
): void {
  const { say } = state;
  const topP = slider(say(LINES.topP), say(LINES.topPTitle), [1, 100], abort, {
    text: (place) => state.numbers.fixed(place / 100, 2),
    change: (place) => {
      state.top_p.value = place / 100;
    },
    atOnce,
  });
  const last = THRESHOLDS.length - 1;
  const threshold = slider(say(LINES.threshold), say(LINES.thresholdTitle), [0, last], abort, {
    text: (place) => state.numbers.exact(THRESHOLDS[place] ?? 0),
    change: (place) => {
      state.threshold.value = THRESHOLDS[place] ?? 0;
    },
    atOnce,
  });
  const lists = optionControls(
    state,
    LINES_OPTIONS,
    { segments: { shown: () => hasPair(state) } },
    abort,
  );
  element.append(topP.element, threshold.element, ...lists);

  watch(abort, () => {
    const { top_p, threshold: least } = state;
    topP.set(Math.round(100 * top_p.value), state.numbers.exact(top_p.value));
    const place = THRESHOLDS.filter((value) => value <= least.value).length - 1;
    threshold.set(place, state.numbers.exact(least.value));
  });
}

interface Slider {
  readonly element: HTMLElement;
  /** Its place, and the value that it stands for. */
  set(place: number, text: string): void;
}

function slider(
  label: string,
  title: string,
  [min, max]: readonly [number, number],
  abort: AbortSignal,
  {
    text,
    change,
    atOnce,
  }: { text(place: number): string; change(place: number): void; atOnce(): boolean },
): Slider {
  const input = h("input", { type: "range", class: "aw-slider", min, max, step: 1 });
  const value = h("output", { class: "aw-slider-value" });
  const say = (words: string) => {
    value.textContent = words;
    input.setAttribute("aria-valuetext", words);
  };
  input.addEventListener(
    "input",
    () => {
      say(text(Number(input.value)));
      if (atOnce()) change(Number(input.value));
    },
    { signal: abort },
  );
  input.addEventListener("change", () => change(Number(input.value)), { signal: abort });
  return {
    element: h("label", { class: "aw-field", title }, h("span", {}, label), input, value),
    set: (place, words) => {
      input.value = String(place);
      say(words);
    },
  };
}
