/** What the lines stand for: how opaque they are, and whose they are. */

import { css, mix, rgbIn } from "../../draw/colour";
import type { Inks } from "../../draw/inks";
import type { LegendItem } from "../../draw/legend";
import type { AppState } from "../../state/app_state";
import { combineOf, type ShownLines, slotColours } from "./data";
import { LINES } from "./texts";

export function weightLegend(
  state: AppState,
  { edges, strongest }: ShownLines,
  { paper, ink }: Inks,
): LegendItem {
  const ramp = Array.from({ length: 24 }, (_, step) =>
    css(mix(rgbIn(paper), rgbIn(ink), step / 23)),
  );
  const high = edges.count ? state.numbers.weight(strongest) : "";
  return { ramp, low: "0", high, label: state.say(LINES.weight) };
}

/** Of a figure, which has no picker beside it. */
export function headsLegend(state: AppState): LegendItem[] {
  if (combineOf(state) !== "each") return [];
  const colours = slotColours(state);
  return state.activeHeads.value.map((head, slot) => ({
    colour: colours[slot] ?? "",
    label: state.say(LINES.head, { head: String(head) }),
  }));
}
