/** A row of chips, numbered or named, with one place in the tab order; arrows walk within it. */

import { h, on } from "../browser/dom";
import { isControl, isSeveral, walkIn } from "../interact/keys";

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
  /** Of one that is off, where any may be. */
  off?(index: number): string;
  /** What stands on it, where that is not its number. */
  text?(index: number): string;
  /** Whether each click adds a chip or takes it away, as it does where Ctrl is held. */
  several?(): boolean;
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

  const indexOf = (chip: HTMLElement) => Number(chip.dataset.index);
  const chipOf = ({ target }: Event) =>
    (target as Element).closest<HTMLButtonElement>("[data-index]");
  const press = (chip: HTMLButtonElement | null, choice: Choice) => {
    if (!chip || chip.disabled) return;
    chip.focus();
    choose(indexOf(chip), choice);
  };

  const areSeveral = () => !radio && (names.several?.() ?? false);
  on(element, "click", abort, (event) => {
    const isToggle = areSeveral() || (isSeveral(event) && !radio);
    press(chipOf(event), isToggle ? "toggle" : "only");
  });
  walkIn(
    element,
    () => chips.filter((chip) => !chip.disabled),
    (chip, event) => {
      if (isControl(event) || (areSeveral() && !event.shiftKey)) return; // only goes there
      choose(indexOf(chip), event.shiftKey && !radio ? "toggle" : "only");
    },
    abort,
    {
      space: (event) => press(chipOf(event), radio ? "only" : "toggle"),
      withControl: () => true, // goes on without choosing
    },
  );

  return {
    element,
    set({ count, pressed, off = [], colours = [] }) {
      if (chips.length !== count) {
        chips = Array.from({ length: count }, (_, index) =>
          h("button", {
            type: "button",
            class: "aw-chip",
            "data-index": index,
            dir: "auto",
            ...(radio ? { role: "radio" } : {}),
          }),
        );
        element.replaceChildren(...chips);
      }
      const usable = (index: number) => !off.includes(index);
      const focus = chips.findIndex((_, index) => pressed.includes(index) && usable(index));
      const first = focus >= 0 ? focus : chips.findIndex((_, index) => usable(index));
      chips.forEach((chip, index) => {
        const text = names.text?.(index) ?? String(index);
        if (chip.textContent !== text) chip.textContent = text;
        chip.setAttribute("aria-label", names.chip(index));
        chip.setAttribute(radio ? "aria-checked" : "aria-pressed", String(pressed.includes(index)));
        chip.tabIndex = index === first ? 0 : -1;
        chip.disabled = off.includes(index);
        chip.title = chip.disabled ? (names.off?.(index) ?? "") : "";
        if (colours[index]) chip.style.setProperty("--aw-head", colours[index]);
      });
    },
  };
}
