/** What of an atlas is here and shown: heads of the kind, as far as they have the label. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { type AppState, watch } from "../../state/app_state";
import type { Head } from "../../state/choose_head";
import { answerOf, lackIn, type Model } from "../../tensors/answer";
import { ATLAS, type AtlasHead, type AtlasOverview, atlasHeadOf } from "../../trace/atlas";
import type { LabelName } from "../../trace/contract";

export interface AtlasRow extends Head {
  /** Its place in the atlas. */
  readonly index: number;
  readonly label: LabelName | "";
}

export interface Overview {
  readonly about: Pick<AtlasOverview, "model_name" | "n_texts" | "n_tokens">;
  readonly names: readonly string[];
  readonly rows: readonly AtlasRow[];
  /** A number of a head by the name of the summary; NaN for none. */
  of(name: string, row: AtlasRow): number;
}

export type AtlasData = ReturnType<typeof atlasData>;

export function overviewOf(answer: AtlasOverview): Overview {
  const { names, kinds, layers, heads, labels, values, ...about } = answer;
  const numbers = new Map(names.map((name, place) => [name, (values[place] ?? []).map(Number)]));
  const rows = heads.map((head, index) => ({
    index,
    kind: kinds[index] ?? "encoder",
    layer: layers[index] ?? 0,
    head,
    label: labels[index] ?? "",
  }));
  return {
    about,
    names,
    rows,
    of: (name, { index }) => numbers.get(name)?.[index] ?? Number.NaN,
  };
}

const nameOfHead = ({ kind, layer, head }: Head) => `${kind} ${layer}.${head}`;

export function atlasData(state: AppState, model: Model, abort: AbortSignal) {
  const answer = answerOf(state, model, abort, () => ATLAS);
  // It stays while another text is read: an atlas is of no single text.
  const overview = signal<Overview | null>(null);
  watch(abort, () => {
    const { answer: told } = answer.value;
    if (told) overview.value = overviewOf(told);
  });
  const ofKind: ReadonlySignal<readonly AtlasRow[]> = computed(() =>
    (overview.value?.rows ?? []).filter(({ kind }) => kind === state.attention_kind.value),
  );
  /** Summaries that tell heads of this kind apart. */
  const telling = computed(() =>
    (overview.value?.names ?? []).filter((name) => {
      const numbers = ofKind.value.map((row) => overview.value?.of(name, row) || 0);
      return numbers.some((number) => number !== numbers[0]);
    }),
  );
  /** The one that is chosen, else the first that tells something. */
  function named(option: string | null, ...usual: (string | undefined)[]): string | null {
    const { value: told } = overview;
    if (option !== null && told?.names.includes(option)) return option;
    const found = usual.find((name) => name !== undefined && telling.value.includes(name));
    return found ?? told?.names[0] ?? null;
  }
  const colour = computed(() => named(state.atlas_summary.value, telling.value[0]));
  const across = computed(() => named(state.atlas_across.value, "previous", telling.value[0]));
  const up = computed(() =>
    named(state.atlas_up.value, "induction", telling.value[1], telling.value[0]),
  );
  const names = computed(() => {
    const chosen = [colour.value, across.value, up.value];
    return (overview.value?.names ?? []).filter(
      (name) => telling.value.includes(name) || chosen.includes(name),
    );
  });
  const shown = computed(() => {
    const { value: label } = state.atlas_label;
    return label === "all" ? ofKind.value : ofKind.value.filter((row) => row.label === label);
  });
  const chosen = computed(
    () =>
      ofKind.value.find(
        ({ layer, head }) => layer === state.layer.value && head === state.focusHead.value,
      ) ?? null,
  );
  const headAnswer = answerOf(state, model, abort, () => {
    const row = chosen.value;
    return row && atlasHeadOf(row.kind, row.layer, row.head);
  });
  const lastHead = signal<{ of: string; head: AtlasHead } | null>(null);
  watch(abort, () => {
    const { answer: told, question } = headAnswer.value;
    if (told && question) lastHead.value = { of: nameOfHead(question), head: told };
  });
  const head: ReadonlySignal<AtlasHead | null> = computed(() => {
    const row = chosen.value;
    const known = lastHead.value;
    return row && known?.of === nameOfHead(row) ? known.head : null;
  });
  return {
    overview,
    names,
    colour,
    across,
    up,
    /** All heads of the kind of attention that is looked at. */
    ofKind,
    /** Those of them that have the label. */
    shown,
    /** The head that the views show; null where the atlas has none such. */
    chosen,
    /** Its examples; null while they are on their way. */
    head,
    pending: () => answer.value.pending && overview.value === null,
    /** Shown heads that the scatter has no place for. */
    unplaced: computed(() => {
      const { value: told } = overview;
      const [x, y] = [across.value, up.value];
      if (!told || x === null || y === null) return 0;
      return shown.value.filter((row) => Number.isNaN(told.of(x, row) + told.of(y, row))).length;
    }),
    lack: () => (overview.value ? {} : lackIn(answer.value)),
    lackOfHead: () => (head.value ? null : headAnswer.value.error),
    has: (label: LabelName) => ofKind.value.some((row) => row.label === label),
  };
}

/** In the order of a summary, the largest first; those without a number last. */
export function byNumber(rows: readonly AtlasRow[], number: (row: AtlasRow) => number): AtlasRow[] {
  const rank = (row: AtlasRow) => {
    const value = number(row);
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  return [...rows].sort((a, b) => rank(b) - rank(a) || a.index - b.index);
}

/** From 1, and among how many; null for a head without a number. Equal numbers share a place. */
export function placeIn(
  rows: readonly AtlasRow[],
  number: (row: AtlasRow) => number,
  row: AtlasRow,
): { place: number; of: number } | null {
  const own = number(row);
  if (Number.isNaN(own)) return null;
  const values = rows.map(number).filter((value) => !Number.isNaN(value));
  return { place: 1 + values.filter((value) => value > own).length, of: values.length };
}
