/** What the grid of heads shows: pictures and numbers as they come, order and places of heads. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { LEAST_SHARE, type Range, rangeFromZero } from "../../draw/range";
import {
  deadSummaries,
  heldHeads,
  ranked,
  type Summaries,
  summariesOf,
} from "../../measures/head_summaries";
import type { AppState } from "../../state/app_state";
import type { Head, Layer } from "../../state/choose_head";
import { type Resources, resources } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import type { NumberName } from "../../trace/contract";
import type { Summary } from "../../trace/options";
import { at, shapeAt } from "../../trace/tensor";
import { writeKey } from "../../trace/tensor_key";
import { type Block, type Cells, captionHeight, cellsOf, fitSize, rowsWithin } from "./cells";
import { LEVEL_NAN, type Thumbnail } from "./thumbnails";

/** What is in sight of the scrolled area, and how large that is. */
export interface Seen {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Room for the names of the layers and of the heads. */
export interface Margins {
  left: number;
  top: number;
}

export interface GridData {
  /** Set by the view. */
  readonly seen: Signal<Seen>;
  readonly hovered: Signal<Head | null>;
  /** Where the keyboard is. */
  readonly active: Signal<Head | null>;
  /** Size of a picture; null for as large as fits. */
  readonly zoom: Signal<number | null>;

  /** Those that are there: a saved page may carry a part of them. */
  readonly heads: ReadonlySignal<readonly Head[]>;
  isHeld(head: Head): boolean;
  /** Most heads of a layer. */
  readonly columns: ReadonlySignal<number>;
  readonly tensors: ReadonlySignal<Resources>;
  thumbnailOf(head: Head): Thumbnail | null;
  /** Key of the picture of a head's layer. */
  keyOf(head: Head): string;
  /** The summary that colours; null for none. */
  readonly number: ReadonlySignal<NumberName | null>;
  readonly summaries: ReadonlySignal<Summaries>;
  /** Of the summary's numbers; null for none. */
  readonly range: ReadonlySignal<Range | null>;
  readonly isRanked: ReadonlySignal<boolean>;
  readonly margins: ReadonlySignal<Margins>;
  readonly cells: ReadonlySignal<Cells>;
  /** Whether weights of a picture are NaN. */
  readonly isLossy: ReadonlySignal<boolean>;
  /** Summaries that tell nothing of this model and text. */
  readonly dead: ReadonlySignal<readonly Summary[]>;
}

/** The grid is as tall as this, if its pictures can be read then. */
const FIT_HEIGHT = 540;

export function gridData(
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
  marginsOf: (isRanked: boolean) => Margins,
): GridData {
  const seen = signal<Seen>({ x: 0, y: 0, width: 0, height: 0 });
  const hovered = signal<Head | null>(null);
  const active = signal<Head | null>(null);
  const zoom = signal<number | null>(null);

  const kinds = computed(() =>
    state.meta.value.attention.map((attention) => ({
      kind: attention.kind,
      layers: attention.layers.map((layer) => layer?.n_heads ?? null),
      heads: heldHeads(attention),
    })),
  );
  const heads = computed(() => kinds.value.flatMap((each) => each.heads));
  const names = computed(() => new Set(heads.value.map(nameOf)));
  const isHeld = (head: Head) => names.value.has(nameOf(head));
  const number = computed<NumberName | null>(() => {
    const { value: name } = state.summary;
    return name === "none" ? null : name;
  });
  type OfLayer = "thumbnails" | "summaries";
  const keyOf = (name: OfLayer, { kind, layer }: Layer) => {
    const { window, grouping } = state.sides.value;
    return writeKey({ name, kind, layer, window, grouping });
  };
  const layers = computed<readonly Layer[]>(() =>
    kinds.value.flatMap(({ kind, layers }) =>
      [...layers.keys()].flatMap((layer) =>
        heads.value.some((head) => head.kind === kind && head.layer === layer)
          ? [{ kind, layer }]
          : [],
      ),
    ),
  );

  const wanted = computed(() => {
    const { y, height } = seen.value;
    const rows = height ? rowsWithin(cells.value, y, y + height) : [];
    const inSight = rows.flatMap(({ heads }) => heads.filter(isHeld));
    const pointed = [hovered.value, active.value].flatMap((head) =>
      head && isHeld(head) ? [head] : [],
    );
    const counted = number.value ? [...pointed, ...layers.value] : pointed;
    return [
      ...new Set([
        ...inSight.map((layer) => keyOf("thumbnails", layer)),
        ...counted.map((layer) => keyOf("summaries", layer)),
      ]),
    ];
  });
  const tensors = resources(state, source, abort, () => wanted.value, "idle");
  /** Of each kind, by layer. */
  const held = (name: OfLayer) =>
    computed(() => {
      const { tensors: here } = tensors.value;
      const ofKind = kinds.value.map(
        ({ kind, layers }) =>
          [kind, layers.map((_, layer) => here.get(keyOf(name, { kind, layer })))] as const,
      );
      return new Map(ofKind);
    });
  const pictures = held("thumbnails");
  const numbers = held("summaries");
  const summaries = computed(() => {
    const { value: ofKind } = numbers;
    return summariesOf(({ kind, layer }) => ofKind.get(kind)?.[layer]);
  });
  /** Once all are known: before, their places would change with each layer that comes. */
  const order = computed(() => {
    const { value: name } = number;
    if (!name || !state.sort_heads.value || !layers.value.every(summaries.value.has)) return null;
    return kinds.value.map((each) => ranked(each.heads, summaries.value, name));
  });
  const isRanked = computed(() => order.value !== null);
  const blocks = computed<Block[]>(() =>
    kinds.value.map(({ kind, layers }, index) => ({
      kind,
      layers,
      ranked: order.value?.[index] ?? null,
    })),
  );
  const margins = computed(() => marginsOf(isRanked.value));
  const cells: ReadonlySignal<Cells> = computed(() => {
    const { left, top } = margins.value;
    const width = Math.max(0, seen.value.width - left);
    const captionAt = (size: number) => (number.value ? captionHeight(size) : 0);
    const size =
      zoom.value ?? fitSize(blocks.value, captionAt, { width, height: FIT_HEIGHT - top });
    return cellsOf(blocks.value, { size, caption: captionAt(size), width });
  });

  const dead = computed(() =>
    deadSummaries(state.meta.value, state.special_tokens.value === "show"),
  );

  return {
    seen,
    hovered,
    active,
    zoom,
    heads,
    isHeld,
    columns: computed(() =>
      Math.max(1, ...kinds.value.flatMap(({ layers }) => layers.map((count) => count ?? 0))),
    ),
    tensors,
    thumbnailOf(head) {
      if (!isHeld(head)) return null;
      const tensor = pictures.value.get(head.kind)?.[head.layer];
      if (!tensor || head.head >= shapeAt(tensor, 0)) return null;
      const [rows, columns] = [shapeAt(tensor, 1), shapeAt(tensor, 2)];
      if (!rows || !columns) return null; // all tokens are hidden
      return { rows, columns, levels: at(tensor, head.head) };
    },
    keyOf: (head) => keyOf("thumbnails", head),
    number,
    summaries,
    range: computed(() =>
      number.value ? summaryRange(heads.value, summaries.value, number.value) : null,
    ),
    isRanked,
    margins,
    cells,
    isLossy: computed(() =>
      heads.value.some(({ kind, layer, head }) => {
        const tensor = pictures.value.get(kind)?.[layer];
        return tensor && head < shapeAt(tensor, 0) && at(tensor, head).includes(LEVEL_NAN);
      }),
    ),
    dead,
  };
}

const nameOf = ({ kind, layer, head }: Head): string => `${kind} ${layer} ${head}`;

/** Of a scale that starts at 0. */
export const summaryRange = (
  heads: readonly Head[],
  summaries: Summaries,
  name: NumberName,
): Range => rangeFromZero([heads.map((head) => summaries.of(head, name))], LEAST_SHARE);
