/** How the grid of heads looks, and what its colours mean. */

import { css, type Rgb, rgbIn } from "../../draw/colour";
import { groundOf, type Step } from "../../draw/colour_maps";
import { effectLegend, effectStep, hatchInks } from "../../draw/effect_colours";
import { type Inks, inksOf } from "../../draw/inks";
import type { LegendItem, Scale } from "../../draw/legend";
import { isUnboundedHere, shownFormula } from "../../draw/measure_words";
import { sideOf } from "../../draw/range";
import { beyondInWords } from "../../draw/scale_words";
import { changeRamp, changeStep, scoreRamp, scoreStep } from "../../draw/score_colours";
import { textWidth } from "../../draw/text_width";
import { neutralWeightColours, weightColours, weightLegend } from "../../draw/weight_colours";
import { formatEffect } from "../../language/effects";
import { formatChange, formatSummary, shorter } from "../../language/summaries";
import { COMPARISON } from "../../language/texts/comparison";
import { DIFFERENCE } from "../../language/texts/difference";
import { MEASURE } from "../../language/texts/measures";
import { SUMMARY_NAMES } from "../../language/texts/summaries";
import type { AppState } from "../../state/app_state";
import { type Head, isChosen } from "../../state/choose_head";
import { hasNobody } from "../../state/nobody";
import { shownHeads } from "../../state/shown_heads";
import { layerKey } from "../../state/shown_keys";
import { isRowOf, type Row, TINY } from "./cells";
import type { GridData } from "./data";
import { gridLabels } from "./labels";
import { GRID, GRID_KINDS } from "./texts";
import { type Shades, shadesOf } from "./thumbnails";
import { numberInWords } from "./words";

/** As wide as most effects are. */
const WIDE_EFFECT = "−0.00";

function inksNamed(element: HTMLElement, state: AppState): (name: keyof Inks) => Rgb {
  const inks = inksOf(element, state.dark.value);
  return (name) => rgbIn(inks[name]);
}

export type GridStyle = ReturnType<typeof gridStyle>;

export function gridStyle(element: HTMLElement, state: AppState, data: GridData) {
  const { say, numbers } = state;
  const of = inksNamed(element, state);
  const [raised, ink] = [of("raised"), of("ink")];
  const hatch = hatchInks(inksOf(element, state.dark.value)).line;
  const { run } = state.meta.value;
  const { value: number } = data.number;
  const { value: cells } = data.cells;
  const { x, y, width, height } = data.seen.value;
  const { left, top } = data.margins.value;
  const { value: summaries } = data.summaries;
  const { value: range } = data.range;
  const { value: isListed } = data.isListed;
  const labels = gridLabels(state, data);
  const shades = new Map<string, Shades>();
  const [{ value: found }, { value: effects }] = [data.effectsKnown, data.effects];
  const numberOf = (head: Head) => {
    if (found) return effects.of(head);
    return number ? summaries.of(head, number) : Number.NaN;
  };
  const isNarrow = cells.wide < textWidth(WIDE_EFFECT, TINY) + 4;
  /** Beside another text; empty where no way to write it has room. */
  const inCell = (value: number, beside: string) => {
    if (found) return formatEffect(numbers, found, value, isNarrow);
    const format = state.isDifference.value ? formatChange : formatSummary;
    const taken = beside ? textWidth(beside, TINY, 650) + 4 : 0;
    const fits = (text: string) => textWidth(text, TINY) <= cells.wide - taken - 2;
    return number ? shorter(format(number, value, numbers), value, numbers, fits) : "";
  };
  return {
    cells,
    /** The part of the grid that is in sight, and where it stands on the canvas: beside the names of
     * the layers, below those of the heads. */
    sight: {
      left,
      top,
      x,
      y,
      width: Math.max(0, Math.min(width - left, cells.width - x)),
      height: Math.max(0, Math.min(height - top, cells.height - y)),
    },
    axes: data.axes.value,
    picture: data.picture.value,
    thumbnailOf: data.thumbnailOf,
    /** Says which thumbnail it is: another text has others. */
    nameOf: (head: Head) => `${run} ${layerKey(state, "thumbnails", head)} ${head.head}`,
    shadesOf(of: Head): Shades {
      const top = isUnboundedHere(state) ? data.largestOf(of) : undefined;
      const name = `${of.head} ${top}`;
      const known = shades.get(name) ?? shadesOf(weightColours(state, of.head, top));
      shades.set(name, known);
      return known;
    },
    /** Behind a picture. */
    ground: css(groundOf(state.dark.value)),
    hasPictures: data.hasPictures.value,
    /** Of its number: below a picture, or in its place. */
    captionColours(head: Head): Step {
      const value = numberOf(head);
      if (Number.isNaN(value)) return { colour: css(raised), ink: css(ink) };
      if (found && range) return effectStep(state, found, range, value);
      const step = state.isDifference.value && number !== "divergence" ? changeStep : scoreStep;
      return step(state, range?.high ? value / range.high : 0);
    },
    /** Below a picture: left and right, or one in the middle. */
    captionOf(head: Head) {
      const name = isListed ? `${head.layer}·${head.head}` : labels.below(head);
      const value = inCell(numberOf(head), name) || labels.scoreOf(head);
      if (isListed) return value && cells.size >= 56 ? [name, value] : [name];
      return [name, value].filter(Boolean);
    },
    /** In a corner of its picture: the letter of its label, where that has no room below. */
    letterOf: labels.corner,
    /** Behind letters on pictures. */
    plate: css(groundOf(state.dark.value)),
    /** Lines across what has no effect yet, but a place in the order; null for none. */
    hatchOf: (head: Head) =>
      found && Number.isNaN(numberOf(head)) && effects.placeOf(head) !== null ? hatch : null,
    /** Its number is beyond the scale. */
    isBeyond: (head: Head) => range !== null && sideOf(numberOf(head), range) !== null,
    isSelected: (head: Head) => isChosen(state, head),
    /** Whose numbers stand out above their columns. */
    shownHeads: [...new Set(shownHeads(state).map(({ head }) => head))],
    isShownLayer: (row: Row) => isRowOf(row, state.attention_kind.value, state.layer.value),
    headingOf: (kind: Head["kind"]) => say(GRID_KINDS[kind]),
    /** Which layers a row without pictures stands for, and why it has none. */
    missingOf({ layer, missing }: Row) {
      if (layer === null || !missing) return "";
      const { why, last } = missing;
      const layers = {
        n: last - layer + 1,
        layers: layer < last ? `${layer}–${last}` : `${layer}`,
      };
      return say(GRID.missing, { ...layers, why: say(GRID[why]) });
    },
    /** Behind the layer that is shown. */
    band: css(of("wash")),
    /** Of weights that are NaN. */
    lost: of(hasNobody(state) ? "rule" : "warn"),
    ink: css(ink),
    soft: css(of("soft")),
    accent: css(of("accent")),
  };
}

/** Numbers that are no shares are larger in later layers: each has a scale of its own. */
function picturesLegend(state: AppState): Scale {
  const scale = weightLegend(state, neutralWeightColours(state));
  if (!isUnboundedHere(state)) return scale;
  const label = state.say(MEASURE.largestOfEach, { name: shownFormula(state) });
  const end = state.say(GRID.largest);
  return { ...scale, label, low: state.isSigned.value ? `−${end}` : "0", high: end, ticks: [] };
}

export function legendOf(element: HTMLElement, state: AppState, data: GridData): LegendItem[] {
  const { say } = state;
  const of = inksNamed(element, state);
  const { value: number } = data.number;
  const { value: range } = data.range;
  const items: LegendItem[] = [];
  if (number) {
    const { has } = data.summaries.value;
    const isKnown = number === "divergence" || data.heads.value.some(has);
    const inWords = (value: number) => numberInWords(state, number, value);
    const name = say(SUMMARY_NAMES[number]);
    const isChange = state.isDifference.value && data.number.value !== "divergence";
    items.push({
      ramp: isChange ? changeRamp(state) : scoreRamp(state),
      low: isChange ? (isKnown && range ? inWords(range.low) : "…") : "0",
      high: isKnown && range ? inWords(range.high) : "…",
      beyond: isKnown && range ? beyondInWords(say, range, inWords) : [],
      label: isChange ? `${name}, ${say(DIFFERENCE.label)}` : name,
      ...(isChange ? { ticks: [{ at: 0.5, label: "0" }] } : {}),
    });
  }
  if (data.showsEffects.value) {
    const inks = inksOf(element, state.dark.value);
    items.push(...effectLegend(state, data.effectsKnown.value, inks));
  }
  if (data.hasPictures.value) items.push(picturesLegend(state));
  if (data.isLossy.value) {
    const isNobody = hasNobody(state);
    const label = isNobody ? say(COMPARISON.nobody) : "NaN";
    items.push({ colour: css(of(isNobody ? "rule" : "warn")), label });
  }
  return items;
}
