/** Which panels stand side by side where there is room for two. */

import type { AppState } from "../state/app_state";
import type { ViewName } from "../trace/options";

export type Span = "half" | "full";

/** Text needs the whole width, and so do lines from the left to the right. */
const isWide = (view: ViewName, state: AppState): boolean =>
  view === "text" || (view === "lines" && state.direction.value === "horizontal");

/** Neighbours in the order of the trait make a pair; who has none takes the whole row. */
export function spansOf(views: readonly ViewName[], state: AppState): Span[] {
  const spans: Span[] = [];
  while (spans.length < views.length) {
    const pair = views.slice(spans.length, spans.length + 2);
    const fits = pair.length === 2 && !pair.some((view) => isWide(view, state));
    spans.push(...(fits ? (["half", "half"] as const) : (["full"] as const)));
  }
  return spans;
}

/** The same views with one of them `step` places further on; nothing moves beyond an end. */
export function moved(views: readonly ViewName[], view: ViewName, step: -1 | 1): ViewName[] {
  const place = views.indexOf(view);
  const goal = place + step;
  if (place < 0 || goal < 0 || goal >= views.length) return [...views];
  const others = views.filter((other) => other !== view);
  return [...others.slice(0, goal), view, ...others.slice(goal)];
}
