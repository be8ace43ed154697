/** The buttons at the end of every panel's header: save, move, enlarge, close. */

import { button, h } from "../browser/dom";
import { fullWindow } from "../browser/full_window";
import { type IconName, icon } from "../draw/icons";
import { type AppState, watch } from "../state/app_state";
import type { ViewName } from "../trace/options";
import { moved } from "./layout";
import { PANEL } from "./texts/panel";

export type FileKind = "svg" | "png";

export function actionsOf(
  panel: HTMLElement,
  name: ViewName,
  title: string,
  state: AppState,
  abort: AbortSignal,
  save: (kind: FileKind) => void,
): HTMLElement {
  const { say } = state;
  const views = state.views;

  const sign = (name: IconName, label: string, act: () => void) => {
    const node = button("", { "data-action": name, title: label, "aria-label": label }, abort, act);
    node.append(icon(name));
    return node;
  };
  /** A node that is moved loses the focus. */
  const move = (step: -1 | 1, node: () => HTMLButtonElement, other: () => HTMLButtonElement) => {
    views.value = moved(views.value, name, step);
    (node().disabled ? other() : node()).focus();
  };
  const earlier: HTMLButtonElement = sign("earlier", say(PANEL.earlier, { title }), () =>
    move(
      -1,
      () => earlier,
      () => later,
    ),
  );
  const later: HTMLButtonElement = sign("later", say(PANEL.later, { title }), () =>
    move(
      1,
      () => later,
      () => earlier,
    ),
  );
  const close = sign("close", say(PANEL.close, { title }), () => {
    const { parentElement: all } = panel;
    const next = panel.nextElementSibling ?? panel.previousElementSibling;
    views.value = views.value.filter((other) => other !== name);
    const focus = next?.isConnected ? next : all;
    focus?.querySelector<HTMLElement>(".aw-actions button:not(:disabled)")?.focus();
  });
  const full = fullWindow(panel, abort);
  const enlarge = sign("enter", "", () => void full.toggle());
  const saving = (["svg", "png"] as const).map((kind) => {
    const label = say(PANEL.save, { kind: kind.toUpperCase(), title });
    return button(
      kind.toUpperCase(),
      { "data-save": kind, title: label, "aria-label": label },
      abort,
      () => save(kind),
    );
  });

  watch(abort, () => {
    const place = views.value.indexOf(name);
    earlier.disabled = place <= 0;
    later.disabled = place === views.value.length - 1;
    close.disabled = views.value.length < 2;
  });
  watch(abort, () => {
    const label = say(full.on.value ? PANEL.leave : PANEL.enter, { title });
    enlarge.title = label;
    enlarge.setAttribute("aria-label", label);
    enlarge.replaceChildren(icon(full.on.value ? "leave" : "enter"));
    for (const node of [earlier, later, close]) node.hidden = full.on.value;
  });
  return h(
    "div",
    { class: "aw-actions", role: "group", "aria-label": say(PANEL.actions, { title }) },
    ...saving,
    earlier,
    later,
    enlarge,
    close,
  );
}
