/** The frame every view stands in: title, legend, actions, options, picture, words below. */

import { h, showWords } from "../browser/dom";
import { download, figureSvg, pngBlob, svgText } from "../draw/figure";
import { inksOf } from "../draw/inks";
import { measureTitle } from "../draw/measure_words";
import { windowTitle } from "../language/descriptions";
import { unsteered } from "../language/direction";
import type { AppState } from "../state/app_state";
import type { ViewName } from "../trace/options";
import { actionsOf, type FileKind } from "./actions";
import { explanation, type Shortened } from "./explanations";
import { figureCaption } from "./figure_caption";
import { figureName } from "./figure_name";
import { legendPlace } from "./legend_place";
import { keepNote } from "./note";
import { optionsBox } from "./options";
import { resizeHandle } from "./resize";
import { PANEL } from "./texts/panel";
import type { Pane, Savable, Told, ViewTexts } from "./view";

export interface Frame extends Pick<Pane, "controls" | "legend" | "body"> {
  tell(told: Told): void;
  /** Takes all of a view away, and says why. */
  fail(words: string): void;
}

/** `saved` is null where there is no view in the frame. */
export function panel(
  element: HTMLElement,
  name: ViewName,
  texts: ViewTexts & Shortened,
  state: AppState,
  abort: AbortSignal,
  saved: () => Savable | null,
): Frame {
  const { say } = state;
  const title = say(texts.title);
  const controls = h("div", { class: "aw-controls" });
  const legend = legendPlace(abort);
  const body = h("div", { class: "aw-body" });
  const note = h("p", { class: "aw-note" });
  const where = h("span", { class: "aw-where", hidden: true });
  const warning = h("p", { class: "aw-warning", hidden: true });
  const failure = h("p", { class: "aw-error", role: "alert", hidden: true });
  const fail = (words: string) => showWords(failure, unsteered(words));
  let trouble = ""; // that of the view, not of saving it

  async function save(kind: FileKind): Promise<void> {
    fail(trouble);
    const view = saved();
    const shown = view?.figure();
    if (!view || !shown) return fail(trouble || say(PANEL.nothingToSave));
    const subject = view.subject();
    const of = view.state ?? state;
    const picture = figureSvg(
      shown,
      { title, caption: [figureCaption(of, subject), note.textContent ?? ""].filter(Boolean) },
      inksOf(element, state.dark.value),
    );
    try {
      const blob =
        kind === "svg"
          ? new Blob([svgText(picture)], { type: "image/svg+xml" })
          : await pngBlob(picture, 2);
      download(blob, `${figureName(of, texts.file ?? name, subject)}.${kind}`);
    } catch (error) {
      fail((error as Error).message);
    }
  }

  const { opener, box } = optionsBox(title, texts, controls, state, abort);
  element.classList.add("aw-view", `aw-view-${name}`);
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", title);
  const own = [
    h(
      "header",
      { class: "aw-header" },
      h("h3", { class: "aw-title" }, title),
      h(
        "div",
        { class: "aw-ends" },
        actionsOf(element, name, title, state, abort, (kind) => void save(kind)),
        opener,
      ),
      where,
      legend,
    ),
    box,
    failure,
    warning,
    body,
    note,
    explanation(texts, state, abort, () => opener.focus()),
    resizeHandle(element, say(PANEL.height, { title }), abort),
  ];
  element.append(...own);
  keepNote(element, note, state, abort);

  function tell(told: Told): void {
    const window = windowTitle(state.meta.value, state.sides.value.window, say);
    showWords(where, told.where ?? [measureTitle(state), window].filter(Boolean).join(" · "));
    showWords(warning, told.warn ?? "");
    const words = told.note ?? say(PANEL.waiting);
    if (note.textContent !== words) note.textContent = words;
    body.toggleAttribute("data-pending", told.pending ?? false);
    if (trouble === (told.error ?? "")) return;
    trouble = told.error ?? "";
    fail(trouble);
  }

  return {
    controls,
    legend,
    body,
    tell,
    fail(words) {
      for (const node of [controls, legend, body]) node.replaceChildren();
      element.replaceChildren(...own); // without what the view hung beside them
      tell({ note: "", error: words });
    },
  };
}
