/** Keys pressed in the widget are its own: none of them edits the notebook around it. */

import { on } from "../browser/dom";

/** JupyterLab looks for it on the element that has the focus before it looks any further. */
const NOT_OF_JUPYTER = "data-lm-suppress-shortcuts";

export function keepKeysFromNotebook(root: HTMLElement, abort: AbortSignal): void {
  const keep = (element: Element) => element.setAttribute(NOT_OF_JUPYTER, "true");
  keep(root);
  root.tabIndex = -1; // a click beside the controls gives the focus to the widget, not to the cell
  on(root, "focusin", abort, ({ target }) => keep(target as Element));
  root.addEventListener(
    "keydown",
    (event) => {
      if (!isOfHost(event)) return;
      event.stopPropagation();
      if (!passOn(event, root)) event.preventDefault();
    },
    { signal: abort, capture: true },
  );
  // Other hosts listen further out. What the browser does with a key it still does.
  on(root, "keydown", abort, (event) => event.stopPropagation());
}

/** Saving the notebook, and the list of its commands (in Jupyter and in VS Code). */
function isOfHost({ key, code, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  if (altKey || ctrlKey === metaKey) return false;
  const letter = /^[a-z]$/i.test(key) ? key.toUpperCase() : code.replace(/^Key/, "");
  return shiftKey ? letter === "C" || letter === "P" : letter === "S";
}

/** As if it had been pressed beside the widget; false where someone has dealt with it. */
function passOn(event: KeyboardEvent, root: HTMLElement): boolean {
  const classic = classicKeys();
  const isOff = classic?.enabled === false;
  if (isOff) classic.enable();
  const isLeft = root.parentNode?.dispatchEvent(new KeyboardEvent(event.type, event)) ?? true;
  if (isOff && root.contains(document.activeElement)) classic.disable();
  return isLeft;
}

interface ClassicKeys {
  readonly enabled: boolean;
  enable(): void;
  disable(): void;
}

/** The classic notebook heeds no key while the focus is in a widget. */
function classicKeys(): ClassicKeys | undefined {
  return (window as { Jupyter?: { keyboard_manager?: ClassicKeys } }).Jupyter?.keyboard_manager;
}
