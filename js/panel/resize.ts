/** A handle below a panel that makes it taller or smaller. */

import { h, on } from "../browser/dom";
import { listenToKeys, type Move } from "../interact/keys";

const LEAST = 88; // four rows of tokens
const MOST = 1600;
const STEPS = { step: 22, page: 176, end: MOST };

/** What scrolls in a panel; it takes its height from `--aw-height`. */
export const SCROLLERS = ".aw-scroll, .aw-text, .aw-grid";

export function resizeHandle(panel: HTMLElement, label: string, abort: AbortSignal): HTMLElement {
  const handle = h("div", {
    class: "aw-resize",
    role: "separator",
    "aria-orientation": "horizontal",
    "aria-label": label,
    "aria-valuemin": LEAST,
    "aria-valuemax": MOST,
    title: label,
    tabindex: 0,
  });
  let set = Number.parseFloat(panel.style.getPropertyValue("--aw-height")) || null;

  const now = () => {
    const heights = [...panel.querySelectorAll(SCROLLERS)].map((each) => each.clientHeight);
    return set ?? Math.max(LEAST, ...heights);
  };
  const tell = () => handle.setAttribute("aria-valuenow", String(Math.round(now())));
  const resize = (height: number | null) => {
    set = height === null ? null : Math.min(MOST, Math.max(LEAST, height));
    sized(panel, set === null ? "" : `${set}px`);
    tell();
  };

  on(handle, "pointerdown", abort, (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const from = { y: event.clientY, height: now() };
    const over = new AbortController();
    const { signal } = over;
    abort.addEventListener("abort", () => over.abort(), { signal });
    on(handle, "pointermove", signal, ({ clientY }) => resize(from.height + clientY - from.y));
    for (const end of ["pointerup", "pointercancel"] as const) {
      on(handle, end, signal, () => over.abort());
    }
  });
  on(handle, "dblclick", abort, () => resize(null));
  on(handle, "focus", abort, tell);
  const move = ({ by, x, y }: Move) =>
    by === "step" && x ? false : resize(now() + STEPS[by] * (x + y));
  listenToKeys(handle, { move, enter: () => resize(null) }, abort);
  handle.setAttribute("aria-valuenow", String(set ?? LEAST));
  return handle;
}

/** Gives a panel a height, as in the style sheet; nothing or an empty one leaves it its own. */
export function sized(panel: HTMLElement, height = ""): void {
  panel.toggleAttribute("data-sized", height !== "");
  if (height) panel.style.setProperty("--aw-height", height);
  else panel.style.removeProperty("--aw-height");
}
