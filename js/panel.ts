/** The frame every view stands in: title, controls, legend, picture, a line of words below. */

import { h } from "./dom";

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

export function panel(element: HTMLElement, name: string, title: string, help: string): Panel {
  const controls = h("div", { class: "aw-controls" });
  const legend = h("div", { class: "aw-legend" });
  const body = h("div", { class: "aw-body" });
  const note = h("p", { class: "aw-note", role: "status" });
  const where = h("span", { class: "aw-where", hidden: true });
  const warning = h("p", { class: "aw-warning", role: "status", hidden: true });
  const failure = h("p", { class: "aw-error", role: "alert", hidden: true });
  element.classList.add("aw-view", `aw-view-${name}`);
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", title);
  element.append(
    h(
      "header",
      { class: "aw-header" },
      h("h3", { class: "aw-title" }, title),
      h(
        "details",
        { class: "aw-help" },
        h("summary", { "aria-label": `About ${title}`, title: "What is this?" }, "?"),
        h("p", {}, help),
      ),
      where,
      controls,
      legend,
    ),
    failure,
    warning,
    body,
    note,
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
      failure.hidden = error === null;
      failure.textContent = error ?? "";
    },
  };
}
