/** The grid of heads in words: names, numbers, and what to know of the pictures. */

import { effectNotes } from "../../controls/effect_notes";
import { noteOfDifference } from "../../draw/change_words";
import { effectInWords } from "../../language/effects";
import { labelInWords } from "../../language/labels";
import { formatChange, formatSummary } from "../../language/summaries";
import { COMPARISON } from "../../language/texts/comparison";
import { DIFFERENCE } from "../../language/texts/difference";
import { EFFECT } from "../../language/texts/effects";
import { LABEL_NAMES, PROBED } from "../../language/texts/labels";
import { MEASURE } from "../../language/texts/measures";
import { SUMMARY_NAMES } from "../../language/texts/summaries";
import { SAMPLED_QUERIES } from "../../measures/summaries";
import type { AppState } from "../../state/app_state";
import type { Head } from "../../state/choose_head";
import type { NumberName } from "../../trace/contract";
import type { GridData } from "./data";
import { gridLabels } from "./labels";
import { GRID, GRID_KINDS, GRID_UNITS } from "./texts";

/** Cells of a thumbnail along each side, at most; see measures/summaries.py. */
const SIDE = 32;

const DISTANCE = {
  tokens: GRID_UNITS.distance,
  words: GRID_UNITS.distanceInWords,
  passages: GRID_UNITS.distanceInPassages,
};

const VARIANCE = {
  tokens: GRID_UNITS.variance,
  words: GRID_UNITS.varianceInWords,
  passages: GRID_UNITS.varianceInPassages,
};

/** A number with its unit; empty for none. */
export function numberInWords(state: AppState, name: NumberName, number: number): string {
  const format = state.isDifference.value ? formatChange : formatSummary;
  const value = format(name, number, state.numbers);
  const distance = DISTANCE[state.rows.value];
  const units = {
    entropy: GRID_UNITS.entropy,
    distance,
    distance_variance: VARIANCE[state.rows.value],
  };
  const unit = name in units ? units[name as keyof typeof units] : null;
  return unit && value ? state.say(unit, { value }) : value;
}

/** What the grid says of a head, a line each: what it does, and the number that was chosen. The table
 * of heads has the others. */
export function headInWords(state: AppState, data: GridData, head: Head): string[] {
  const { say } = state;
  const place = say(GRID.place, { layer: String(head.layer), head: String(head.head) });
  if (!data.isHeld(head)) return [place, say(GRID.notHeld)];
  const { value: summaries } = data.summaries;
  const several = state.meta.value.attention.length > 1;
  const { value: name } = data.number;
  const value = name ? numberInWords(state, name, summaries.of(head, name)) : "";
  const number = name && value ? [`${say(SUMMARY_NAMES[name])}: ${value}`] : [];
  const known = name && !summaries.has(head) ? ["…"] : number;
  const change = number.length && state.isDifference.value ? [`${say(DIFFERENCE.label)}:`] : [];
  // what sums up a head stays that of its attention
  if (number.length && state.measure_shown.value) change.unshift(say(MEASURE.summariesOf));
  const effect = effectOf(state, data, head);
  const kind = several ? [say(GRID_KINDS[head.kind])] : [];
  const label = data.labels.value(head);
  const does = label ? [labelInWords(state, label, data.isProbed.value)] : [];
  return [place, ...kind, ...does, ...effect, ...change, ...known];
}

/** A line where effects are shown. */
function effectOf(state: AppState, data: GridData, head: Head): string[] {
  const { value: found } = data.effectsKnown;
  const value = data.effects.value.of(head);
  if (found && !Number.isNaN(value)) return [effectInWords(state, found, value)];
  const place = data.effects.value.placeOf(head);
  return place === null ? [] : [state.say(EFFECT.place, { place })];
}

/** Below the grid. */
export function noteOf(state: AppState, data: GridData): string {
  const letters = gridLabels(state, data).letters.map(({ letter, label }) => `${letter} ${label}`);
  const { say } = state;
  const { value: heads } = data.heads;
  const { value: number } = data.number;
  const layers = new Set(heads.map((head) => `${head.kind} ${head.layer}`)).size;
  const { queries, keys } = state.sides.value;
  const n = queries.tokens.length;
  const rows = Math.ceil(Math.min(n, SAMPLED_QUERIES) / SIDE);
  const columns = Math.ceil(keys.tokens.length / SIDE);
  const isPooled = data.hasPictures.value && (rows > 1 || columns > 1);
  const { missing } = data.tensors.value;
  const { value: filter } = data.filter;
  const labelled = { n: data.shown.value.length, of: heads.length };
  const count = filter
    ? say(GRID.labelled, { ...labelled, name: say(LABEL_NAMES[filter]) })
    : say(GRID.count, { n: heads.length });
  const summary = number ? SUMMARY_NAMES[number] : EFFECT.name;
  const byRank = data.ranking.isRunning.value ? EFFECT.inOrder : GRID.byRank;
  const order = data.isRanked.value
    ? say(number ? GRID.byRank : byRank, { summary: say(summary) })
    : say(filter ? GRID.byLayer : GRID.inLayers, { n: layers });
  const isUnknown =
    number !== null &&
    data.areKnown.value &&
    heads.every((head) => Number.isNaN(data.summaries.value.of(head, number)));
  const isOfNothing = state.summary.value === "divergence" && !state.comparison.value;
  const byChange = number === "divergence" && data.isRanked.value;
  const pooled = state.isSigned.value ? GRID.pooledChange : GRID.pooled;
  const note = [
    `${count} ${order}.`,
    ...(letters.length ? [`${letters.join(" · ")}.`] : []),
    ...(state.measure_shown.value?.per === "layer" ? [say(GRID.sameInRow)] : []),
    ...(data.effectsKnown.value ? effectNotes(state, data.effectsKnown.value, heads) : []),
    ...(isUnknown ? [say(GRID.unknown)] : []),
    ...(isOfNothing ? [say(COMPARISON.ofTwo)] : []),
    ...(byChange ? [say(COMPARISON.changedMost)] : []),
    ...(data.isProbed.value && data.hasLabels.value ? [say(PROBED.note)] : []),
    ...(isPooled ? [say(pooled, { rows, columns })] : []),
    ...(n > SAMPLED_QUERIES ? [say(GRID.sampled, { sample: SAMPLED_QUERIES, n })] : []),
    ...(missing ? [say(GRID.reading, { n: missing })] : []),
  ].join(" ");
  return noteOfDifference(state, note, data.isNothing.value);
}
