/** Heads as a row of buttons, each with a number; a click selects the head. */

import { button, h } from "../../browser/dom";
import { isSeveral } from "../../interact/keys";
import { type AppState, watch } from "../../state/app_state";
import { chooseHead, isChosen } from "../../state/choose_head";
import type { LayerHead } from "../../trace/layer_head";

export interface Listed extends LayerHead {
  number: string;
}

/** `listed` reads signals; without heads there is no list. */
export function headList(
  state: AppState,
  title: string,
  about: string,
  name: string,
  listed: () => readonly Listed[],
  abort: AbortSignal,
): HTMLElement {
  const list = h("span", { class: "aw-head-list" });
  const element = h(
    "p",
    { class: "aw-head-row", "data-list": name },
    h("span", { class: "aw-head-title", title: about }, title),
    " ",
    list,
  );
  watch(abort, () => {
    const heads = listed();
    element.hidden = !heads.length;
    list.replaceChildren(
      ...heads.map(({ layer, head, number }) => {
        const place = { kind: state.attention_kind.value, layer, head };
        const one = button(
          `${layer}.${head}`,
          { class: "aw-chip aw-head-button" },
          abort,
          (event) => chooseHead(state, place, isSeveral(event)),
        );
        one.append(h("span", { class: "aw-head-number" }, ` ${number}`));
        one.setAttribute("aria-pressed", String(isChosen(state, place)));
        return one;
      }),
    );
  });
  return element;
}
