/** Texts to begin with, in the reader's language: choosing one runs it. */

import { button, h } from "../browser/dom";
import { popover } from "../controls/popover";
import { icon } from "../draw/icons";
import type { AppState } from "../state/app_state";
import { EXAMPLES, EXAMPLES_TITLE } from "./texts/examples";

const CODE = "def area(width, height): return width * height";

export function examples(
  { say }: AppState,
  abort: AbortSignal,
  run: (text: string) => void,
): HTMLElement {
  const texts = Object.entries(EXAMPLES).map(([name, { shows, ...written }]) => {
    const text = "text" in written ? say(written.text) : CODE;
    const node = button("", { class: "aw-example", "data-example": name }, abort, () => {
      close();
      opener.focus();
      run(text);
    });
    node.append(h("b", {}, say(shows)), h("span", { dir: "auto" }, text));
    return node;
  });
  const title = say(EXAMPLES_TITLE);
  const { opener, box, close } = popover(
    title,
    { class: "aw-button aw-open-examples", title, "aria-label": title },
    [h("div", { class: "aw-examples" }, ...texts)],
    abort,
  );
  opener.append(icon("below"));
  return h("span", { class: "aw-popover-holder aw-ready" }, opener, box);
}
