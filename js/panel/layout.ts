/** Which panels stand side by side where there is room for two. */

import type { ViewName } from "../trace/options";

export type Span = "half" | "full";

/** Neighbours in the order of the trait make a pair; who has none takes the whole row. */
export function spansOf<Name>(views: readonly Name[], isWide: (view: Name) => boolean): Span[] {
  const spans: Span[] = [];
  while (spans.length < views.length) {
    const pair = views.slice(spans.length, spans.length + 2);
    const fits = pair.length === 2 && !pair.some(isWide);
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
