/** A row of numbered chips with one place in the tab order; arrows walk within it. */

import { h } from "../browser/dom";

export interface Chips {
  readonly element: HTMLElement;
  /** Draws `count` chips; some may be off. */
  set(options: {
    count: number;
    pressed: readonly number[];
    off?: readonly number[];
    colours?: readonly string[];
  }): void;
}

export type Choice = "only" | "toggle";

/** What is said of a row and of each of its chips. */
export interface ChipNames {
  row: string;
  chip(index: number): string;
  /** Of one that is off. */
  off(index: number): string;
}

export function chipRow(
  names: ChipNames,
  role: "radiogroup" | "group",
  abort: AbortSignal,
  choose: (index: number, choice: Choice) => void,
): Chips {
  const element = h("div", { class: "aw-chips", role, "aria-label": names.row });
  const radio = role === "radiogroup";
  let chips: HTMLButtonElement[] = [];

  const press = (chip: HTMLButtonElement | undefined, choice: Choice) => {
    if (!chip || chip.disabled) return;
    chip.focus();
    choose(Number(chip.dataset.index), choice);
  };

  element.addEventListener(
    "click",
    (event) => {
      const chip = (event.target as Element).closest<HTMLButtonElement>("[data-index]");
      const several = event.ctrlKey || event.metaKey || event.shiftKey;
      if (chip) press(chip, several && !radio ? "toggle" : "only");
    },
    { signal: abort },
  );
  element.addEventListener(
    "keydown",
    (event) => {
      const usable = chips.filter((chip) => !chip.disabled);
      const now = usable.indexOf(event.target as HTMLButtonElement);
      if (event.key === " " && now >= 0) {
        event.preventDefault();
        press(usable[now], radio ? "only" : "toggle");
        return;
      }
      const next = {
        ArrowRight: now + 1,
        ArrowDown: now + 1,
        ArrowLeft: now - 1,
        ArrowUp: now - 1,
        Home: 0,
        End: usable.length - 1,
      }[event.key];
      if (next === undefined || !usable.length) return;
      event.preventDefault();
      const goal = usable[(next + usable.length) % usable.length];
      if (event.ctrlKey || event.metaKey) goal?.focus();
      else press(goal, event.shiftKey && !radio ? "toggle" : "only");
    },
    { signal: abort },
  );

  return {
    element,
    set({ count, pressed, off = [], colours = [] }) {
      if (chips.length !== count) {
        chips = Array.from({ length: count }, (_, index) =>
          h(
            "button",
            {
              type: "button",
              class: "aw-chip",
              "data-index": index,
              "aria-label": names.chip(index),
              ...(radio ? { role: "radio" } : {}),
            },
            String(index),
          ),
        );
        element.replaceChildren(...chips);
      }
      const usable = (index: number) => !off.includes(index);
      const focus = chips.findIndex((_, index) => pressed.includes(index) && usable(index));
      const first = focus >= 0 ? focus : chips.findIndex((_, index) => usable(index));
      chips.forEach((chip, index) => {
        chip.setAttribute(radio ? "aria-checked" : "aria-pressed", String(pressed.includes(index)));
        chip.tabIndex = index === first ? 0 : -1;
        chip.disabled = off.includes(index);
        chip.title = chip.disabled ? names.off(index) : "";
        if (colours[index]) chip.style.setProperty("--aw-head", colours[index]);
      });
    },
  };
}
