/** One button for what steers a view and is seldom needed, and for what the view is. */

import { onAbort } from "../browser/dom";
import { popover } from "../controls/popover";
import { icon } from "../draw/icons";
import { type AppState, watch } from "../state/app_state";
import { boxedExplanation, type Explained, explains } from "./explanations";
import { PANEL } from "./texts/panel";

export interface OptionsBox {
  readonly opener: HTMLButtonElement;
  readonly box: HTMLElement;
}

/** The button is there while the view has a control, or its explanation stands nowhere else. */
export function optionsBox(
  title: string,
  explained: Explained,
  controls: HTMLElement,
  state: AppState,
  abort: AbortSignal,
): OptionsBox {
  const label = state.say(PANEL.options, { title });
  const { opener, box } = popover(
    label,
    { class: "aw-button aw-options", title: label, "aria-label": label },
    [controls, boxedExplanation(explained, state, abort)],
    abort,
  );
  opener.append(icon("options"));
  const look = () => {
    const has = hasControl(controls);
    if (controls.hidden === has) controls.hidden = !has; // it is observed itself
    opener.hidden = !has && explains.value;
  };
  const observer = new MutationObserver(look);
  observer.observe(controls, { subtree: true, childList: true, attributeFilter: ["hidden"] });
  onAbort(abort, () => observer.disconnect());
  watch(abort, look);
  return { opener, box };
}

function hasControl(controls: HTMLElement): boolean {
  const isShown = (node: Element) => {
    const hidden = node.closest("[hidden]");
    return hidden === null || hidden === controls || !controls.contains(hidden);
  };
  return [...controls.querySelectorAll("button, input, select, textarea, [tabindex]")].some(
    isShown,
  );
}
