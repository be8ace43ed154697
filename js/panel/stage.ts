/** The whole widget, or one view of it alone, in a window of its own: large enough for a projector. */

import { onAbort, onceAFrame } from "../browser/dom";
import { fullWindow } from "../browser/full_window";
import { canZoom } from "../browser/zoom";
import { type AppState, watch } from "../state/app_state";
import type { ViewName } from "../trace/options";
import { SCROLLERS } from "./resize";

/** What a window shows at its own size: about as much as a cell of a notebook does. */
const ROOM = { width: 1000, height: 562 };
const MOST = 4;
const LEAST_ROOM = 120;

export const scaleFor = (width: number, height: number): number =>
  Math.min(MOST, Math.max(1, Math.min(width / ROOM.width, height / ROOM.height)));

/** Keeps the root as `state.stage` says. */
export function stage(root: HTMLElement, state: AppState, abort: AbortSignal): void {
  const full = fullWindow(root, abort, () => {
    state.stage.value = null;
  });
  watch(abort, () => {
    if (state.stage.value === null) full.leave();
    else full.enter();
  });
  watch(abort, () => {
    const { value: on } = state.stage;
    if (on !== null && on !== "all" && !state.views.value.includes(on)) state.stage.value = "all";
  });
  const fit = () => {
    const scale = full.isOn.value && canZoom() ? scaleFor(innerWidth, innerHeight) : 1;
    root.style.setProperty("--aw-scale", String(scale));
    if (state.stage.value !== null) root.dataset.stage = state.stage.value;
    else delete root.dataset.stage;
  };
  watch(abort, fit);
  window.addEventListener("resize", fit, { signal: abort });
  watch(abort, () => {
    const { value: room } = state.room;
    if (room === null) root.style.removeProperty("--aw-room");
    else root.style.setProperty("--aw-room", `${room}px`);
  });
  let alone = new AbortController();
  onAbort(abort, () => alone.abort());
  watch(abort, () => {
    alone.abort();
    alone = new AbortController();
    state.room.value = null;
    if (full.isOn.value && state.stage.value !== "all") giveRoom(root, state, alone.signal);
  });
  walkByKey(root, state, abort);
}

/** Whatever scrolls in the view that is shown alone is as tall as what is around it leaves. */
function giveRoom(root: HTMLElement, { room }: AppState, abort: AbortSignal): void {
  const views = root.querySelector<HTMLElement>(".aw-views");
  const measure = onceAFrame(root, abort, () => {
    const panel = root.querySelector<HTMLElement>("[data-staged]");
    if (!views || !panel) return;
    const scrollers = [...panel.querySelectorAll<HTMLElement>(SCROLLERS)];
    const heights = scrollers.map((each) => each.offsetHeight).filter(Boolean);
    const body = panel.querySelector<HTMLElement>(".aw-body")?.offsetHeight ?? 0;
    const scrolled = heights.length ? Math.max(...heights) : body;
    const around = panel.scrollHeight + (panel.offsetHeight - panel.clientHeight) - scrolled;
    const height = Math.floor(Math.max(LEAST_ROOM, views.clientHeight - around));
    if (Math.abs(height - (room.peek() ?? 0)) > 1) room.value = height;
  });
  const observer = new ResizeObserver(measure);
  for (const node of [...root.children, ...(root.querySelector("[data-staged]")?.children ?? [])]) {
    observer.observe(node);
  }
  onAbort(abort, () => observer.disconnect());
  measure();
}

/** v and V show the next view and the one before, each alone, while the widget fills a window. */
function walkByKey(root: HTMLElement, state: AppState, abort: AbortSignal): void {
  const walk = (event: KeyboardEvent) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (state.stage.value === null || event.defaultPrevented) return;
    if (key.toLowerCase() !== "v" || ctrlKey || metaKey || altKey) return;
    if (target instanceof Element && target.closest("input, textarea, select, dialog")) return;
    event.preventDefault();
    state.stage.value = nextOnStage(state, event.shiftKey ? -1 : 1);
    root.focus({ preventScroll: true }); // what had it may be out of sight
  };
  root.addEventListener("keydown", walk, { signal: abort });
  document.addEventListener("keydown", walk, { signal: abort }); // nothing has the focus
}

function nextOnStage({ stage, views }: AppState, step: 1 | -1): ViewName | "all" {
  const { value: shown } = views;
  const now = shown.indexOf(stage.value as ViewName);
  const next = now < 0 && step < 0 ? -1 : now + step;
  return shown[(next + shown.length) % shown.length] ?? "all";
}
