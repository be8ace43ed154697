/** The grid of heads in words: names, numbers, and what to know of the pictures. */

import { formatSummary } from "../../language/summaries";
import { SUMMARY_NAMES } from "../../language/texts/summaries";
import { SAMPLED_QUERIES } from "../../measures/summaries";
import type { AppState } from "../../state/app_state";
import type { Head } from "../../state/choose_head";
import { NUMBERS, type NumberName } from "../../trace/contract";
import type { AttentionKind } from "../../trace/options";
import type { GridData } from "./data";
import { GRID, GRID_KINDS, GRID_UNITS } from "./texts";

/** Cells of a thumbnail along each side, at most; see measures/summaries.py. */
const SIDE = 32;

export interface GridWords {
  kind(kind: AttentionKind): string;
  summary(name: NumberName): string;
  /** A number; empty for none. */
  short(name: NumberName, value: number): string;
  /** The same with its unit. */
  long(name: NumberName, value: number): string;
  place(head: Head): string;
  /** All that is known of a head, a line each. */
  headInWords(head: Head): string[];
  /** Below the grid. */
  note(): string;
}

export function gridWords(state: AppState, data: GridData): GridWords {
  const { say } = state;
  const kind = (of: AttentionKind) => say(GRID_KINDS[of]);
  const summary = (name: NumberName) => say(SUMMARY_NAMES[name]);

  const short = (name: NumberName, value: number) => formatSummary(name, value, state.numbers);

  function long(name: NumberName, number: number): string {
    const value = short(name, number);
    const unit = name === "entropy" || name === "distance" ? GRID_UNITS[name] : null;
    return unit && value ? say(unit, { value }) : value;
  }

  const place = ({ layer, head }: Head) =>
    say(GRID.place, { layer: String(layer), head: String(head) });

  function headInWords(head: Head): string[] {
    if (!data.isHeld(head)) return [place(head), say(GRID.notHeld)];
    const { value: summaries } = data.summaries;
    const several = state.meta.value.attention.length > 1;
    const numbers = NUMBERS.flatMap((name) => {
      if (data.dead.value.includes(name)) return [];
      const value = long(name, summaries.of(head, name));
      return value ? [`${summary(name)}: ${value}`] : [];
    });
    const known = summaries.has(head) ? numbers : ["…"];
    return [place(head), ...(several ? [kind(head.kind)] : []), ...known];
  }

  function note(): string {
    const { value: heads } = data.heads;
    const { value: number } = data.number;
    const layers = new Set(heads.map((head) => `${head.kind} ${head.layer}`)).size;
    const { queries, keys } = state.sides.value;
    const n = queries.tokens.length;
    const rows = Math.ceil(Math.min(n, SAMPLED_QUERIES) / SIDE);
    const columns = Math.ceil(keys.tokens.length / SIDE);
    const { missing } = data.tensors.value;
    const count = say(GRID.count, { n: heads.length });
    const order =
      data.isRanked.value && number
        ? say(GRID.byRank, { summary: summary(number) })
        : say(GRID.inLayers, { n: layers });
    return [
      `${count} ${order}.`,
      ...(rows > 1 || columns > 1 ? [say(GRID.pooled, { rows, columns })] : []),
      ...(n > SAMPLED_QUERIES ? [say(GRID.sampled, { sample: SAMPLED_QUERIES, n })] : []),
      ...(state.words.value && number ? [say(GRID.inWords)] : []),
      ...(missing ? [say(GRID.reading, { n: missing })] : []),
    ].join(" ");
  }

  return { kind, summary, short, long, place, headInWords, note };
}
