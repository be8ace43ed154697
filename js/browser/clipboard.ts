/** Text for the clipboard, also from a page that came over plain http. */

import { h } from "./dom";

/** Rejects where the page may not write. `near` is a node of the page that stays in sight. */
export async function copyText(text: string, near: HTMLElement): Promise<void> {
  // Missing where the page is not from a secure origin, as a notebook server on another machine.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  try {
    if (clipboard) return await clipboard.writeText(text);
  } catch {
    // Not allowed (an iframe): the older way may be.
  }
  const focused = (near.getRootNode() as Document | ShadowRoot).activeElement;
  const field = h("textarea", { class: "aw-clipboard", "aria-hidden": "true", tabindex: -1 });
  field.value = text;
  near.append(field);
  try {
    field.select();
    if (!document.execCommand("copy")) throw new Error("the page may not write to the clipboard");
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}
