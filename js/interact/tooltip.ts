/** Numbers beside the mouse. Escape closes them before it does anything else. */

import { h, on } from "../browser/dom";
import { placeIn, unzoomed, zoomOf } from "../browser/zoom";

export interface Tooltip {
  show(lines: readonly string[], at: Pick<MouseEvent, "clientX" | "clientY">): void;
  hide(): void;
  /** Shows what is said of the place under the mouse in a part of the element; null for nothing. */
  follow(part: HTMLElement, said: (event: MouseEvent) => readonly string[] | null): void;
}

const GAP = 12;

export function tooltip(element: HTMLElement, abort: AbortSignal): Tooltip {
  const node = h("div", { class: "aw-tooltip", role: "tooltip", hidden: true });
  let named = "";
  let closed: string | null = null; // until something else is pointed at
  element.append(node);
  element.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || node.hidden) return;
      event.preventDefault();
      event.stopPropagation();
      node.hidden = true;
      closed = named;
    },
    { signal: abort, capture: true },
  );
  const tip: Tooltip = {
    show(lines, at) {
      [named = ""] = lines;
      if (named === closed) return;
      closed = null;
      node.replaceChildren(...lines.map((line) => h("div", {}, line)));
      node.hidden = false;
      const { offsetWidth: width, offsetHeight: height } = node;
      const frame = unzoomed(element.getBoundingClientRect(), zoomOf(element));
      const { x, y } = placeIn(element, at);
      const [right, below] = [x + GAP, y + GAP];
      const fitsRight = right + width <= frame.width;
      const fitsBelow = below + height <= frame.height;
      node.style.left = `${Math.max(0, fitsRight ? right : right - width - 2 * GAP)}px`;
      node.style.top = `${Math.max(0, fitsBelow ? below : below - height - 2 * GAP)}px`;
    },
    hide() {
      node.hidden = true;
      closed = null;
    },
    follow(part, said) {
      const move = (event: MouseEvent) => {
        const lines = said(event);
        if (lines) tip.show(lines, event);
        else tip.hide();
      };
      on(part, "pointermove", abort, move);
      on(part, "pointerleave", abort, tip.hide);
    },
  };
  return tip;
}
