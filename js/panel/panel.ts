/** The frame every view stands in: title, controls, legend, picture, a line of words below. */

import { h } from "../browser/dom";
import { download, type Figure, figureSvg, pngBlob, svgText } from "../draw/figure";
import { inksOf } from "../draw/inks";
import { unsteered } from "../language/direction";
import type { PictureSubject } from "../language/picture_subject";
import type { Text } from "../language/say";
import type { AppState } from "../state/app_state";
import type { ViewName } from "../trace/contract";
import { actionsOf, type FileKind } from "./actions";
import { figureCaption, figureName } from "./figure_caption";
import { resizeHandle } from "./resize";
import { PANEL } from "./texts/panel";

export interface Panel {
  readonly controls: HTMLElement;
  readonly legend: HTMLElement;
  readonly body: HTMLElement;
  /** Says in words what the picture shows now. */
  note(text: string): void;
  /** Which part of a long text the picture is of. */
  where(text: string): void;
  /** What a reader must know before trusting the picture; empty for nothing. */
  warn(text: string): void;
  /** Whether the picture waits for data; or why there is none. */
  status(pending: boolean, error: string | null): void;
}

/**
 * `figure` gives what the view shows at the moment it is called, null while it shows nothing;
 * `drawn` names what that is of.
 */
export function panel(
  element: HTMLElement,
  name: ViewName,
  texts: { title: Text; help: Text },
  state: AppState,
  abort: AbortSignal,
  figure: () => Figure | null,
  drawn: () => PictureSubject,
): Panel {
  const { say } = state;
  const title = say(texts.title);
  const controls = h("div", { class: "aw-controls" });
  const legend = h("div", { class: "aw-legend" });
  const body = h("div", { class: "aw-body" });
  const note = h("p", { class: "aw-note" });
  const where = h("span", { class: "aw-where", hidden: true });
  const warning = h("p", { class: "aw-warning", hidden: true });
  const failure = h("p", { class: "aw-error", role: "alert", hidden: true });
  const fail = (words: string) => {
    failure.hidden = !words;
    failure.textContent = unsteered(words);
  };

  async function save(kind: FileKind): Promise<void> {
    const shown = figure();
    if (!shown) return fail(say(PANEL.nothingToSave));
    const picture = figureSvg(
      shown,
      { title, caption: [figureCaption(state, drawn()), note.textContent ?? ""].filter(Boolean) },
      inksOf(element, state.dark.value),
    );
    try {
      const blob =
        kind === "svg"
          ? new Blob([svgText(picture)], { type: "image/svg+xml" })
          : await pngBlob(picture, 2);
      download(blob, `${figureName(state, name, drawn())}.${kind}`);
    } catch (error) {
      fail((error as Error).message);
    }
  }

  const help = h(
    "details",
    { class: "aw-help" },
    h("summary", { "aria-label": say(PANEL.about, { title }), title: say(PANEL.what) }, "?"),
    h("p", {}, say(texts.help)),
  );
  help.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !help.open) return;
      event.preventDefault();
      help.open = false;
      help.querySelector("summary")?.focus();
    },
    { signal: abort },
  );
  element.classList.add("aw-view", `aw-view-${name}`);
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", title);
  element.append(
    h(
      "header",
      { class: "aw-header" },
      h("h3", { class: "aw-title" }, title),
      help,
      where,
      actionsOf(element, name, title, state, abort, (kind) => void save(kind)),
    ),
    h("div", { class: "aw-tools" }, controls, legend),
    failure,
    warning,
    body,
    note,
    resizeHandle(element, say(PANEL.height, { title }), abort),
  );
  return {
    controls,
    legend,
    body,
    note: (text) => {
      if (note.textContent !== text) note.textContent = text;
    },
    where: (text) => {
      where.hidden = !text;
      where.textContent = text;
    },
    warn: (text) => {
      warning.hidden = !text;
      if (warning.textContent !== text) warning.textContent = text;
    },
    status: (pending, error) => {
      body.toggleAttribute("data-pending", pending);
      fail(error ?? "");
    },
  };
}
