/** What of a model's positions is shown: one of its ways, as numbers of rows and of pairs. */

import { computed, signal } from "@preact/signals-core";
import type { AppState } from "../../state/app_state";
import { resource } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import type { Encoding, PositionsMeta } from "../../trace/description";
import { shapeAt, type Tensor } from "../../trace/tensor";
import { writeKey } from "../../trace/tensor_key";

export interface Way {
  /** Among all of the trace. */
  index: number;
  meta: PositionsMeta;
}

/** Row by row. */
export interface Matrix {
  data: Float32Array;
  rows: number;
  columns: number;
}

/** Tables by distance. */
const OF_DISTANCE: ReadonlySet<Encoding> = new Set(["relative_table", "relative_sinusoidal"]);

export type PositionData = ReturnType<typeof positionData>;

export function positionData(state: AppState, source: TensorSource, abort: AbortSignal) {
  const chosen = signal(0);
  const kind = () => {
    const { value: now } = state.attention_kind;
    return now === "cross" ? "decoder" : now;
  };
  /** Those of the layer; what is added first comes first. */
  const ways = computed((): Way[] => {
    const all = (state.meta.value.positions ?? []).map((meta, index) => ({ index, meta }));
    return all.filter(
      ({ meta }) => meta.kind === kind() && meta.layers.includes(state.layer.value),
    );
  });
  const way = computed(() => ways.value[Math.min(chosen.value, ways.value.length - 1)] ?? null);
  const isBias = () => typeof way.value?.meta.n_heads === "number";
  const isOfDistance = () => OF_DISTANCE.has(way.value?.meta.encoding ?? "other");
  const isRotary = () => way.value?.meta.encoding === "rotary";
  const hasNumbers = computed(() => isBias() || typeof way.value?.meta.width === "number");
  const keyOf = (name: "position_table" | "position_pairs") =>
    hasNumbers.value && way.value ? writeKey({ name, index: way.value.index }) : null;
  const sentTable = resource(state, source, abort, () => keyOf("position_table"));
  const sentPairs = resource(state, source, abort, () => keyOf("position_pairs"));
  const here = (sent: typeof sentTable, wanted: string | null): Tensor | null => {
    const { tensor, key } = sent.value;
    return tensor && key === wanted ? tensor : null;
  };

  const made = new WeakMap<Tensor, Map<string, Matrix>>();
  /** The same object while the numbers are the same: what is drawn of it is kept. */
  function once(tensor: Tensor, name: string, make: () => Matrix): Matrix {
    const known = made.get(tensor) ?? new Map<string, Matrix>();
    made.set(tensor, known);
    const found = known.get(name) ?? make();
    known.set(name, found);
    return found;
  }

  /** Rows of a table; cosines of the angles of rotary positions; heads of a bias. */
  const table = computed((): Matrix | null => {
    const tensor = here(sentTable, keyOf("position_table"));
    if (!tensor) return null;
    const [rows, columns] = [shapeAt(tensor, 0), shapeAt(tensor, 1)];
    const turns = isRotary();
    return once(tensor, turns ? "cos" : "own", () => {
      const own = tensor.data as Float32Array;
      return { data: turns ? own.map(Math.cos) : own, rows, columns };
    });
  });
  /** Of any two positions; of a bias that of a head, of a table by distance the row that it has. */
  const pairs = computed((): Matrix | null => {
    const tensor = here(sentPairs, keyOf("position_pairs"));
    if (!tensor) return null;
    const [rows, columns] = [shapeAt(tensor, 0), shapeAt(tensor, 1)];
    const own = tensor.data as Float32Array;
    if (!isBias() && !isRotary() && !isOfDistance())
      return once(tensor, "own", () => ({ data: own, rows, columns }));
    const { value: shown } = way;
    const first = isBias() || isOfDistance() ? 0 : (shown?.meta.first ?? 0);
    const placeOf = (token: number) => Math.max(0, token - first);
    const head = isBias() ? Math.min(state.focusHead.value ?? 0, rows - 1) : 0;
    const n = (columns + 1) / 2;
    return once(tensor, String(head), () => {
      const data = new Float32Array(n * n);
      for (let query = 0; query < n; query++) {
        for (let key = 0; key < n; key++) {
          const distance = first ? placeOf(query) - placeOf(key) : query - key;
          data[query * n + key] = own[head * columns + distance + n - 1] ?? Number.NaN;
        }
      }
      return { data, rows: n, columns: n };
    });
  });

  return {
    chosen,
    ways,
    way,
    hasNumbers,
    isBias,
    isOfDistance,
    /** Of each distance, from 1 − n on: its row of the table, counted from that of distance 0. */
    bucket(distance: number): number {
      const tensor = here(sentPairs, keyOf("position_pairs"));
      return tensor ? (tensor.data[distance] ?? Number.NaN) : Number.NaN;
    },
    table,
    pairs,
    /** Whether there are positions at all, in any layer. */
    areKnown: computed(() =>
      (state.meta.value.positions ?? []).some(({ kind: of }) => of === kind()),
    ),
    /** The angle of a pair at a position. */
    angle(row: number, column: number): number {
      const tensor = here(sentTable, keyOf("position_table"));
      return tensor ? (tensor.data[row * shapeAt(tensor, 1) + column] ?? Number.NaN) : Number.NaN;
    },
    status: computed(() => ({
      pending: sentTable.value.pending || sentPairs.value.pending,
      error: sentTable.value.error ?? sentPairs.value.error,
    })),
  };
}
