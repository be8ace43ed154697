/** The names of the heads above their lanes, where each has one. */

import { h } from "../../browser/dom";
import type { AppState } from "../../state/app_state";
import { slotColours } from "./data";
import { LINES } from "./texts";

/** A lane this broad names its head; a narrower one has its number. */
const ROOM_FOR_NAME = 72;

export function lanesOf(state: AppState): {
  element: HTMLElement;
  draw(heads: readonly number[], width: number): void;
} {
  const element = h("div", { class: "aw-lanes", "aria-hidden": "true" });
  return {
    element,
    draw(heads, width) {
      const isRoomy = width / heads.length >= ROOM_FOR_NAME;
      const names = heads.map((head) =>
        isRoomy ? state.say(LINES.head, { head: String(head) }) : String(head),
      );
      const drawn = `${names.join()} ${state.dark.value}`;
      if (element.dataset.heads === drawn) return;
      element.dataset.heads = drawn;
      const colours = slotColours(state);
      element.replaceChildren(
        ...names.map((text, slot) => {
          const name = h("span", {}, h("b", {}, text));
          name.style.setProperty("--aw-head", colours[slot] ?? "");
          return name;
        }),
      );
    },
  };
}
