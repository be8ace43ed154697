/** The pinned units as chips that let go of them, and how several of them colour the text. */

import { signal } from "@preact/signals-core";
import { button, h } from "../../browser/dom";
import { optionControls } from "../../controls/option_controls";
import type { AppState } from "../../state/app_state";
import { PIN_OPTIONS } from "./option_texts";
import { HUES } from "./passage";
import { TEXT } from "./texts";

export interface Pin {
  unit: number;
  name: string;
}

export interface PinBar {
  readonly element: HTMLElement;
  /** `hued`: each has its colour. */
  set(pins: readonly Pin[], hued: boolean, hint: string): void;
}

/** `focus` is where the focus goes when a chip that had it is gone. */
export function pinBar(
  state: AppState,
  abort: AbortSignal,
  letGo: (unit: number) => void,
  focus: () => void,
): PinBar {
  const { say } = state;
  const chips = h("div", { class: "aw-pins", role: "group", "aria-label": say(TEXT.pins) });
  const many = signal(false);
  const modes = optionControls(
    state,
    PIN_OPTIONS,
    { pin_mode: { shown: () => many.value } },
    abort,
  );
  const hint = h("span", { class: "aw-hint" });
  const element = h("div", { class: "aw-pin-bar" }, hint, chips, ...modes);
  let nodes = new AbortController();
  let drawn = "";
  abort.addEventListener("abort", () => nodes.abort(), { once: true });

  return {
    element,
    set(pins, hued, advice) {
      hint.textContent = advice;
      hint.hidden = !advice;
      many.value = pins.length > 1;
      const now = JSON.stringify([pins, hued]);
      if (now === drawn) return;
      drawn = now;
      const held = [...chips.children].findIndex((chip) => chip.contains(document.activeElement));
      nodes.abort();
      nodes = new AbortController();
      chips.replaceChildren(
        ...pins.map(({ unit, name }, index) => {
          const label = say(TEXT.letGo, { name });
          const chip = button(
            "",
            { "data-pin": unit, "aria-label": label, title: label },
            nodes.signal,
            () => letGo(unit),
          );
          chip.classList.add("aw-pin");
          const swatch = h("i", { class: "aw-swatch" });
          if (hued) swatch.classList.add("aw-heat-31", `aw-hue-${index % HUES}`);
          chip.append(
            swatch,
            h("span", { class: "aw-pin-name", dir: "auto" }, name),
            h("b", {}, "×"),
          );
          return chip;
        }),
      );
      if (held < 0) return;
      const next = chips.children[Math.min(held, pins.length - 1)] as HTMLElement | undefined;
      if (next) next.focus();
      else focus();
    },
  };
}
