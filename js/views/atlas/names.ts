/** What heads and summaries of an atlas are called, and their numbers in words. */

import { isolated } from "../../language/direction";
import { isLabel, labelInWords } from "../../language/labels";
import { headName } from "../../language/picture_subject";
import { formatSummary } from "../../language/summaries";
import { SUMMARY_NAMES } from "../../language/texts/summaries";
import type { AppState } from "../../state/app_state";
import { NUMBERS, type NumberName } from "../../trace/contract";
import type { AtlasData, AtlasRow } from "./data";
import { ATLAS_VIEW } from "./texts";

const isKnown = (name: string): name is NumberName => (NUMBERS as readonly string[]).includes(name);

/** A person's own summary is called what they called it. */
export const summaryName = ({ say }: Pick<AppState, "say">, name: string): string =>
  isKnown(name) ? say(SUMMARY_NAMES[name]) : isolated(name);

/** "" for none. */
export function summaryText({ numbers }: Pick<AppState, "numbers">, name: string, value: number) {
  if (Number.isNaN(value)) return "";
  return isKnown(name) ? formatSummary(name, value, numbers) : numbers.glance(value);
}

/** "distance 3.1", or that there is no such number. */
export function numberInWords(state: AppState, name: string, value: number): string {
  const said = summaryText(state, name, value) || state.say(ATLAS_VIEW.noNumber);
  return `${summaryName(state, name)} ${said}`;
}

/** What it does over the corpus, where that is sure; "" elsewhere. */
export function doesInWords(state: AppState, data: AtlasData, row: AtlasRow): string {
  const { overview } = data;
  if (!isLabel(row.label) || !overview.value) return "";
  return labelInWords(state, { name: row.label, score: overview.value.of(row.label, row) });
}

/** A head with some of its numbers, line by line. */
export function headInWords(
  state: AppState,
  data: AtlasData,
  row: AtlasRow,
  names: readonly (string | null)[],
): string[] {
  const { value: overview } = data.overview;
  const wanted = [...new Set(names)].filter((name) => name !== null);
  const lines = overview
    ? wanted.map((name) => numberInWords(state, name, overview.of(name, row)))
    : [];
  const does = doesInWords(state, data, row);
  return [headName(state.say, row), ...lines, ...(does ? [does] : [])];
}
