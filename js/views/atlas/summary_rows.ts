/** The summaries of a head, each as a mark on those of all heads; a click colours the plane by it. */

import { button, h } from "../../browser/dom";
import { svg } from "../../browser/svg";
import { type AppState, watch } from "../../state/app_state";
import { type AtlasData, placeIn } from "./data";
import { summaryName, summaryText } from "./names";
import { ATLAS_VIEW } from "./texts";

export interface Strip {
  readonly low: number;
  readonly high: number;
  /** The square root of how many are in each bin, as a share of the largest. */
  readonly bars: readonly number[];
}

const BINS = 40;

/** How numbers are spread from the least to the largest; null where there are none. */
export function stripOf(values: readonly number[], bins = BINS): Strip | null {
  const known = values.filter(Number.isFinite);
  if (!known.length) return null;
  const low = known.reduce((a, b) => Math.min(a, b));
  const high = known.reduce((a, b) => Math.max(a, b));
  const counts = new Array<number>(bins).fill(0);
  for (const value of known) {
    const share = high > low ? (value - low) / (high - low) : 0.5;
    const bin = Math.min(bins - 1, Math.floor(share * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = counts.reduce((a, b) => Math.max(a, b));
  return { low, high, bars: counts.map((count) => Math.sqrt(count / most)) };
}

/** Where a number lies, from 0 to 1. */
export const shareIn = ({ low, high }: Strip, value: number): number =>
  high > low ? (value - low) / (high - low) : 0.5;

const HEIGHT = 18;

function barsOf({ bars }: Strip): SVGElement {
  const rects = bars.flatMap((share, x) => {
    const height = share && Math.max(1, share * (HEIGHT - 1));
    return share ? [svg("rect", { x, y: HEIGHT - height, width: 0.86, height })] : [];
  });
  return svg(
    "svg",
    { viewBox: `0 0 ${bars.length} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...rects,
  );
}

interface Row {
  readonly name: string;
  readonly element: HTMLElement;
  readonly colour: HTMLButtonElement;
  readonly strip: HTMLElement;
  readonly mark: HTMLElement;
  readonly value: HTMLElement;
  readonly place: HTMLElement;
}

export function summaryRows(state: AppState, data: AtlasData, abort: AbortSignal): HTMLElement {
  const { say } = state;
  const list = h("ul", { class: "aw-atlas-summaries", "aria-label": say(ATLAS_VIEW.summaries) });
  let rows: Row[] = [];

  function rowOf(name: string): Row {
    const title = say(ATLAS_VIEW.colourBy);
    const colour = button(summaryName(state, name), { class: "aw-order", title }, abort, () => {
      state.atlas_summary.value = name;
    });
    const mark = h("span", { class: "aw-atlas-mark" });
    const strip = h("span", { class: "aw-atlas-strip" });
    const value = h("span", { class: "aw-atlas-value" });
    const place = h("span", { class: "aw-atlas-place" });
    const element = h("li", { "data-summary": name }, colour, strip, value, place);
    return { name, element, colour, strip, mark, value, place };
  }

  watch(abort, () => {
    rows = data.names.value.map(rowOf);
    list.replaceChildren(...rows.map(({ element }) => element));
  });
  const strips = new Map<string, Strip | null>();
  watch(abort, () => {
    const { value: overview } = data.overview;
    const { value: all } = data.ofKind;
    void data.names.value;
    for (const { name, strip, mark } of rows) {
      const found = overview && stripOf(all.map((row) => overview.of(name, row)));
      strips.set(name, found);
      strip.replaceChildren(...(found ? [barsOf(found)] : []), mark);
      const ends = found && [found.low, found.high].map((end) => summaryText(state, name, end));
      strip.title = ends ? say(ATLAS_VIEW.spread, { low: ends[0] ?? "", high: ends[1] ?? "" }) : "";
    }
  });
  watch(abort, () => {
    const { value: overview } = data.overview;
    const { value: all } = data.ofKind;
    const { value: row } = data.chosen;
    const { value: shown } = data.colour;
    for (const { name, element, colour, mark, value, place } of rows) {
      const number = row && overview ? overview.of(name, row) : Number.NaN;
      const strip = strips.get(name);
      const rank = row && overview && placeIn(all, (each) => overview.of(name, each), row);
      colour.setAttribute("aria-pressed", String(name === shown));
      mark.hidden = !strip || Number.isNaN(number);
      if (strip) mark.style.left = `${100 * shareIn(strip, number)}%`;
      value.textContent = summaryText(state, name, number) || "–";
      value.title = Number.isNaN(number) ? say(ATLAS_VIEW.noNumber) : state.numbers.exact(number);
      place.textContent = rank ? say(ATLAS_VIEW.rank, rank) : "";
      element.toggleAttribute("data-chosen", name === shown);
    }
  });
  return list;
}
