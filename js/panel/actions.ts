/** The buttons at the end of every panel's header: save, move, enlarge, close. */

import { button } from "../browser/dom";
import { type Toolbar, toolbar } from "../controls/toolbar";
import { type IconName, icon } from "../draw/icons";
import { type AppState, type Stage, watch } from "../state/app_state";
import { isAtlasAlone } from "../trace/alone";
import type { ViewName } from "../trace/options";
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
  const move = (step: -1 | 1): void => {
    views.value = moved(views.value, name, step);
    const [own, other] = step < 0 ? [earlier, later] : [later, earlier];
    (own.disabled ? other : own).focus();
  };
  const earlier = sign("earlier", say(PANEL.earlier, { title }), () => move(-1));
  const later = sign("later", say(PANEL.later, { title }), () => move(1));
  const close = sign("close", say(PANEL.close, { title }), () => {
    const { parentElement: all } = panel;
    const next = panel.nextElementSibling ?? panel.previousElementSibling;
    views.value = views.value.filter((other) => other !== name);
    const focus = next?.isConnected ? next : all;
    focus?.querySelector<HTMLElement>('.aw-actions [tabindex="0"]')?.focus();
  });
  const enlarge = enlargeButton(name, title, state, abort);
  const saving = (["svg", "png"] as const).map((kind) => {
    const label = say(PANEL.save, { kind: kind.toUpperCase(), title });
    return button(
      kind.toUpperCase(),
      { "data-save": kind, title: label, "aria-label": label },
      abort,
      () => save(kind),
    );
  });
  const actions: Toolbar = toolbar(
    say(PANEL.actions, { title }),
    { class: "aw-actions" },
    [...saving, earlier, later, enlarge, close],
    abort,
  );
  watch(abort, () => {
    const place = views.value.indexOf(name);
    earlier.disabled = place <= 0;
    later.disabled = place === views.value.length - 1;
    close.disabled = views.value.length < 2;
    const isFixed = state.stage.value !== null || isAtlasAlone(state.meta.value);
    for (const node of [earlier, later, close]) node.hidden = isFixed;
    actions.refresh();
  });
  return actions.element;
}

/** Lets the widget or one view of it fill the window, and gives it its own size back. */
export function enlargeButton(
  what: Stage,
  title: string,
  { say, stage }: AppState,
  abort: AbortSignal,
): HTMLButtonElement {
  const enlarge = button("", { "data-action": "enter" }, abort, () => {
    stage.value = leaves() ? null : what;
  });
  const leaves = () => stage.value === what || (what === "all" && stage.value !== null);
  watch(abort, () => {
    const label = say(leaves() ? PANEL.leave : PANEL.enter, { title });
    enlarge.title = label;
    enlarge.setAttribute("aria-label", label);
    enlarge.replaceChildren(icon(leaves() ? "leave" : "enter"));
  });
  return enlarge;
}

/** The same views with one of them `step` places further on; nothing moves beyond an end. */
export function moved(views: readonly ViewName[], view: ViewName, step: -1 | 1): ViewName[] {
  const place = views.indexOf(view);
  const goal = place + step;
  if (place < 0 || goal < 0 || goal >= views.length) return [...views];
  const others = views.filter((other) => other !== view);
  return [...others.slice(0, goal), view, ...others.slice(goal)];
}
