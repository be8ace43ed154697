/** Where the strongest line goes that leaves the picture; a click brings its other end into sight. */

import { h, on } from "../../browser/dom";
import { weightInWords } from "../../draw/change_words";
import { isolated } from "../../language/direction";
import type { Edges } from "../../measures/edges";
import type { AppState } from "../../state/app_state";
import type { ShownLines } from "./data";
import { type Layout, rowsInSight, type Side } from "./layout";
import { LINES } from "./texts";

interface Leaving {
  query: number;
  key: number;
  weight: number;
  /** The end that is out of sight, and how many rows beyond the border; below 0 before the first. */
  side: Side;
  beyond: number;
}

/** Weaker ones are hardly drawn. */
const LEAST = 0.01;

/** The strongest line with one end in sight and the other not. */
export function strongestLeaving(edges: Edges, layout: Layout): Leaving | null {
  const sight = { query: rowsInSight(layout, "query"), key: rowsInSight(layout, "key") };
  const beyond = (side: Side, row: number) =>
    row < sight[side].from
      ? row - sight[side].from
      : row > sight[side].to
        ? row - sight[side].to
        : 0;
  let found: Leaving | null = null;
  for (let i = 0; i < edges.count; i++) {
    const weight = edges.weight[i] ?? 0;
    if (!(Math.abs(weight) > Math.abs(found?.weight ?? LEAST))) continue;
    const [query, key] = [edges.query[i] ?? 0, edges.key[i] ?? 0];
    const [ofQuery, ofKey] = [beyond("query", query), beyond("key", key)];
    if (!ofQuery === !ofKey) continue;
    const side = ofKey ? "key" : "query";
    found = { query, key, weight, side, beyond: ofKey || ofQuery };
  }
  return found;
}

/** `show` brings a row of a column into sight. */
export function leavingLabel(
  state: AppState,
  show: (side: Side, row: number) => void,
  abort: AbortSignal,
): { element: HTMLElement; draw(shown: ShownLines, layout: Layout): void } {
  const element = h("button", { class: "aw-leaving", type: "button", hidden: true });
  let now: Leaving | null = null;
  on(element, "click", abort, () => {
    if (now) show(now.side, now[now.side]);
  });
  return {
    element,
    draw({ edges, of }, layout) {
      now = strongestLeaving(edges, layout);
      element.hidden = now === null;
      if (!now) return;
      element.dataset.side = now.side;
      element.dataset.end = now.beyond < 0 ? "before" : "after";
      const said = inWords(state, now, of, layout);
      if (element.textContent !== said) element.textContent = said;
    },
  };
}

function inWords(state: AppState, line: Leaving, of: ShownLines["of"], layout: Layout): string {
  const { say } = state;
  const { queries, keys } = state.sides.value;
  const sink = say(LINES.sink);
  const query = of === "query" ? "" : isolated(queries.tokens[line.query]?.label ?? "");
  const key = of === "key" ? "" : isolated(keys.tokens[line.key]?.label ?? sink);
  const [before, after] = layout.vertical
    ? [LINES.rowsAbove, LINES.rowsBelow]
    : [LINES.rowsBefore, LINES.rowsAfter];
  const where = say(line.beyond < 0 ? before : after, { n: Math.abs(line.beyond) });
  return `${`${query} → ${key}`.trim()} ${weightInWords(state, line.weight)}, ${where}`;
}
