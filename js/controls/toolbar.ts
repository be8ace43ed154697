/** A row of buttons with one place in the tab order; arrows walk within it. */

import { h, on } from "../browser/dom";
import { walkIn } from "../interact/keys";

export interface Toolbar {
  readonly element: HTMLElement;
  /** Some buttons are hidden, disabled or neither now. */
  refresh(): void;
}

export function toolbar(
  label: string,
  attributes: Record<string, string>,
  buttons: readonly HTMLButtonElement[],
  abort: AbortSignal,
): Toolbar {
  const element = h("div", { role: "toolbar", "aria-label": label, ...attributes }, ...buttons);
  const usable = () => buttons.filter((button) => !button.hidden && !button.disabled);
  let stop = buttons[0];
  const refresh = () => {
    const now = usable();
    if (!stop || !now.includes(stop)) stop = now[0];
    for (const button of buttons) button.tabIndex = button === stop ? 0 : -1;
  };
  on(element, "focusin", abort, ({ target }) => {
    stop = buttons.find((button) => button === target) ?? stop;
    refresh();
  });
  walkIn(element, usable, () => {}, abort);
  refresh();
  return { element, refresh };
}
