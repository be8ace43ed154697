/** The overview with a button for each step, and the line that says what the chosen one does. */

import { batch } from "@preact/signals-core";
import { button, h } from "../../browser/dom";
import { isControl, listenToKeys, moved } from "../../interact/keys";
import { type AppState, watch } from "../../state/app_state";
import { letGo } from "../../state/selecting";
import { calculationTold } from "../../tensors/calculation_told";
import type { StepMeta, StepName } from "../../trace/calculation";
import type { CalculationData } from "./data";
import { formulaNodes } from "./formula";
import { isPart, matricesOf, operationOf } from "./operations";
import type { Overview } from "./overview_plan";
import { doesOf, STEP_TEXTS } from "./step_texts";
import { CALCULATION } from "./texts";
import { formulaOf, placeInWords, stepInWords } from "./words";

export interface StepsBar {
  readonly overview: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** Formula and sentence of the step. */
  readonly line: HTMLElement;
  /** Puts a button on each picture. */
  place(plan: Overview): void;
}

export function stepsBar(data: CalculationData, state: AppState, abort: AbortSignal): StepsBar {
  const { say } = state;
  const canvas = h("canvas", { class: "aw-canvas", "aria-hidden": "true" });
  const overview = h(
    "div",
    { class: "aw-calculation-steps", role: "group", "aria-label": say(CALCULATION.overview) },
    canvas,
  );
  const buttons = new Map<StepName, HTMLButtonElement>();
  const told = calculationTold(state);

  function go(step: StepMeta | undefined): void {
    if (!step) return;
    batch(() => {
      state.calculation_step.value = step.name;
    });
    told.value = stepInWords(data, state);
  }
  const placeNow = () =>
    data.results.value.findIndex(({ name }) => name === data.shown.value?.name);
  const walk = (by: number) =>
    go(data.results.value[moved(placeNow(), by, data.results.value.length)]);

  /** Of a part the result that it makes. */
  const ownerOf = (name: StepName): StepMeta | undefined => {
    const { value: steps } = data.steps;
    return data.results.value.find(
      (step) =>
        step.name === name ||
        (isPart(name) && matricesOf(operationOf(step.name, steps)).includes(name)),
    );
  };

  listenToKeys(
    overview,
    {
      move({ by, x, y }, event) {
        if (isControl(event) || by === "page") return false;
        if (by === "step" && y) return followOther(y);
        walk(by === "end" ? x * data.results.value.length : x);
        const name = data.shown.value?.name;
        if (name) buttons.get(name)?.focus();
        return true;
      },
      escape: () => letGo(state),
    },
    abort,
  );

  /** The token before or after. */
  function followOther(by: number): boolean {
    const { queries } = state.sides.value;
    const row = state.selected.value === null ? data.query.value : state.selected.value + by;
    const next = Math.max(0, Math.min(queries.tokens.length - 1, row));
    state.token.value = queries.toText[next] ?? state.token.value;
    return true;
  }

  const step = (by: -1 | 1, text: string, label: string) =>
    button(
      text,
      { class: "aw-button aw-calculation-go", title: label, "aria-label": label },
      abort,
      () => walk(by),
    );
  const previous = step(-1, "‹", say(CALCULATION.previous));
  const next = step(1, "›", say(CALCULATION.next));
  const counted = h("span", { class: "aw-calculation-place" });
  const formula = h("span", { class: "aw-calculation-formula" });
  /** All of them have their place, so that nothing below moves. */
  const sentences = h("div", { class: "aw-calculation-does" });
  const line = h(
    "div",
    { class: "aw-calculation-line" },
    h("div", { class: "aw-calculation-head" }, previous, next, counted, formula),
    sentences,
  );

  watch(abort, () => {
    const { value: results } = data.results;
    const written = results.map(({ name }) => {
      const node = h("p", {}, say(doesOf(name, data.steps.value)));
      node.dataset.step = name;
      return node;
    });
    sentences.replaceChildren(...written);
  });
  watch(abort, () => {
    const { value: shown } = data.shown;
    void data.results.value;
    for (const node of sentences.children) {
      const isShown = (node as HTMLElement).dataset.step === shown?.name;
      (node as HTMLElement).toggleAttribute("data-shown", isShown);
    }
    line.hidden = shown === null;
    overview.hidden = shown === null;
    if (!shown) return;
    counted.textContent = placeInWords(data, state);
    formula.replaceChildren(...formulaNodes(formulaOf(data, state, shown)));
    const place = placeNow();
    previous.disabled = place <= 0;
    next.disabled = place >= data.results.value.length - 1;
    for (const [name, node] of buttons) {
      const isShown = name === shown.name;
      if (isShown) node.setAttribute("aria-current", "step");
      else node.removeAttribute("aria-current");
      node.tabIndex = isShown ? 0 : -1;
    }
  });

  return {
    overview,
    canvas,
    line,
    place({ stops, height }) {
      overview.style.height = `${height}px`;
      const names = new Set(stops.map(({ name }) => name));
      for (const [name, node] of buttons) {
        if (names.has(name)) continue;
        node.remove();
        buttons.delete(name);
      }
      for (const { name, area } of stops) {
        const known = buttons.get(name);
        const label = say(STEP_TEXTS[name].name);
        const node =
          known ??
          button("", { class: "aw-calculation-stop", "data-step": name }, abort, () => {
            go(ownerOf(name));
            const shown = data.shown.peek()?.name;
            if (shown) buttons.get(shown)?.focus({ preventScroll: true });
          });
        if (!known) {
          buttons.set(name, node);
          overview.append(node);
        }
        const symbol = data.symbol(name);
        const isOther = symbol !== label;
        node.setAttribute("aria-label", isOther ? `${label}, ${symbol}` : label);
        node.title = `${label}${isOther ? ` (${symbol})` : ""}\n${say(doesOf(name, data.steps.peek()))}`;
        node.tabIndex = name === data.shown.peek()?.name ? 0 : -1;
        node.toggleAttribute("aria-current", false);
        if (name === data.shown.peek()?.name) node.setAttribute("aria-current", "step");
        const { x, y, width, height } = area;
        node.style.cssText = `left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
      }
    },
  };
}
