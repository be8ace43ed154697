/** What of the calculation is here: its steps, the matrices of the one that is shown, their numbers. */

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { type AppState, watch } from "../../state/app_state";
import { attentionKey } from "../../state/shown_keys";
import { type Answer, answerOf, type Model } from "../../tensors/answer";
import { resources } from "../../tensors/resource";
import type { TensorSource } from "../../tensors/source";
import {
  type Axis,
  type CalculationQuestion,
  calculationOf,
  STEPS,
  type StepMeta,
  type StepName,
} from "../../trace/calculation";
import type { Numbers } from "../../trace/tensor";
import { symbolOf } from "./formula";
import { finePooling, isWhole, type Matrix, matrixOf, type Pooling, poolingOf } from "./matrix";
import { matricesOf, type Operation, operationOf, resultsOf, shownStep } from "./operations";
import { type Turn, turnOf } from "./turning";

/** A number of the result. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

export interface CalculationData {
  readonly answer: ReadonlySignal<Answer<CalculationQuestion>>;
  /** All matrices, and those that a reader steps through. */
  readonly steps: ReadonlySignal<readonly StepMeta[]>;
  readonly results: ReadonlySignal<readonly StepMeta[]>;
  readonly shown: ReadonlySignal<StepMeta | null>;
  readonly operation: ReadonlySignal<Operation | null>;
  /** The matrix as the overview shows it; null while it is on its way. */
  small(name: StepName): Matrix | null;
  /** The same as large as it crosses. */
  large(name: StepName): Matrix | null;
  /** All matrices of the step that is shown are here. */
  readonly isHere: ReadonlySignal<boolean>;
  /** The row of the query that is followed; with no token chosen, the first of the text. */
  readonly query: ReadonlySignal<number>;
  /** Which row of an axis is followed. */
  followed(axis: Axis): number | null;
  /** Where a mouse or the keyboard is. */
  readonly pointed: { value: Cell | null; peek(): Cell | null };
  /** The number that is explained: the one that is pointed at, else one of the followed row. */
  readonly cell: ReadonlySignal<Cell | null>;
  /** How that number was turned; null where it was not. */
  readonly turn: ReadonlySignal<Turn | null>;
  /** What formulas call it. */
  symbol(name: StepName): string;
  /** One row or column of a matrix, exact; null while it is on its way. */
  line(name: StepName, axis: "row" | "column", index: number): Numbers | null;
  pending(): boolean;
  error(): string | null;
}

/** Pictures of the overview have no more numbers each way than this. */
const SMALL = 64;

/** Rows of `state` are the model's own tokens. */
export function calculationData(
  state: AppState,
  source: TensorSource,
  model: Model,
  abort: AbortSignal,
): CalculationData {
  const question = computed((): CalculationQuestion | null => {
    if (!state.layerMeta.value || state.focusHead.value === null) return null;
    const { pass, edits } = state;
    const made = pass.value === null ? [] : edits.value;
    return calculationOf(state.attention_kind.value, state.layer.value, made);
  });
  const answer = answerOf(state, model, abort, () => question.value);
  const steps = computed((): readonly StepMeta[] => {
    const { answer: known, question: of } = answer.value;
    const asked = question.value;
    const isOfThese = of && asked && of.kind === asked.kind && of.layer === asked.layer;
    if (!known || !isOfThese) return [];
    const { queries, keys } = state.sides.value;
    const counts = {
      token: queries.tokens.length,
      query: queries.tokens.length,
      key: keys.tokens.length,
    };
    return known.steps.map((step) => {
      const size = (place: 0 | 1) => {
        const axis = STEPS[step.name][place];
        return axis in counts ? counts[axis as keyof typeof counts] : step.shape[place]; // of a window
      };
      return { ...step, shape: [size(0), size(1)] };
    });
  });
  const metaOf = (name: StepName) => steps.value.find((step) => step.name === name);
  const shown = computed(() => shownStep(state.calculation_step.value, steps.value));
  const operation = computed(() => shown.value && operationOf(shown.value.name, steps.value));

  const keyOf = ({ name }: StepMeta, pooling: Pooling): string | null => {
    const head = state.focusHead.value;
    if (head === null) return null;
    const of = { head, step: name };
    return isWhole(pooling)
      ? attentionKey(state, "calculation", of)
      : attentionKey(state, "calculation_map", { ...of, ...pooling });
  };
  const smallPooling = ({ shape }: StepMeta) =>
    shape[0] * shape[1] <= SMALL ** 2 ? { down: 1, across: 1 } : poolingOf(shape, SMALL);
  const keysOf = (wanted: readonly StepMeta[], pooling: (step: StepMeta) => Pooling) =>
    wanted.flatMap((step) => keyOf(step, pooling(step)) ?? []);
  const wantedLarge = computed(() =>
    operation.value ? matricesOf(operation.value).flatMap((name) => metaOf(name) ?? []) : [],
  );
  const largeHeld = resources(state, source, abort, () =>
    keysOf(wantedLarge.value, ({ shape }) => finePooling(shape)),
  );
  const smallHeld = resources(state, source, abort, () => keysOf(steps.value, smallPooling));

  const matrix = (
    held: typeof largeHeld,
    name: StepName,
    pooling: (step: StepMeta) => Pooling,
  ): Matrix | null => {
    const meta = metaOf(name);
    const by = meta && pooling(meta);
    const key = meta && by && keyOf(meta, by);
    const tensor = key ? held.value.tensors.get(key) : undefined;
    return meta && by && tensor ? matrixOf(meta, tensor, by) : null;
  };
  const large = (name: StepName) => matrix(largeHeld, name, ({ shape }) => finePooling(shape));

  const query = computed(() => {
    if (state.query.value !== null) return state.query.value;
    const first = state.sides.value.queries.tokens.findIndex((token) => !token.special);
    return Math.max(0, first);
  });
  const followed = (axis: Axis): number | null => {
    if (axis === "token" || axis === "query") return query.value;
    if (axis === "one") return 0;
    if (axis !== "key") return null;
    return state.sides.value.same ? query.value : state.selectedKey.value;
  };

  const firstKey = computed(() => {
    const first = state.sides.value.keys.tokens.findIndex((token) => !token.special);
    return Math.max(0, first);
  });

  const pointed = signal<Cell | null>(null);
  watch(abort, () => {
    void shown.value?.name;
    void state.meta.value.run;
    pointed.value = null;
  });
  /** Of the followed row the key that is selected, else the number that stands out. */
  const example = computed((): Cell | null => {
    const result = shown.value && large(shown.value.name);
    const row = result ? (followed(result.rows) ?? firstKey.value) : null;
    if (!result || row === null || row >= result.shape[0]) return null;
    const key = result.columns === "key" ? state.selectedKey.value : null;
    if (key !== null && key < result.shape[1]) return { row, column: key };
    const isOfKeys = result.columns === "key"; // there the largest, elsewhere the farthest from 0
    const { left, right } = operation.value ?? {};
    const before = left && !right ? large(left) : null; // or what changes most
    const isChange = before?.shape[1] === result.shape[1];
    let [most, column] = [Number.NEGATIVE_INFINITY, 0];
    for (let at = 0; at < result.shape[1]; at += result.pooling.across) {
      const value = result.at(row, at);
      const size = isOfKeys ? value : Math.abs(value - (isChange ? before.at(row, at) : 0));
      if (size > most) [most, column] = [size, at];
    }
    return { row, column };
  });
  const cell = computed(() => {
    const at = pointed.value;
    const [rows = 0, columns = 0] = shown.value?.shape ?? [];
    return at && at.row < rows && at.column < columns ? at : example.value;
  });

  const turn = computed(() => {
    const { rotation } = answer.value.answer ?? {};
    const at = cell.value;
    const name = shown.value?.name;
    return name?.endsWith("_rotated") && rotation && at ? turnOf(rotation, name, at) : null;
  });

  const lineKey = (name: StepName, axis: "row" | "column", index: number) => {
    const head = state.focusHead.value;
    return head === null
      ? null
      : attentionKey(state, "calculation_line", { head, step: name, axis, index });
  };
  const wholeOf = (name: StepName) => {
    const found = large(name);
    return found && isWhole(found.pooling) ? found : null;
  };
  const linesWanted = computed(() => {
    const now = operation.value;
    const at = cell.value;
    if (!now || !at) return [];
    const { left, right, isTransposed } = now;
    const second = isTransposed ? (["row", at.column] as const) : (["column", at.column] as const);
    const wanted = [
      [now.name, "row", at.row] as const,
      ...(left ? [[left, "row", at.row] as const] : []),
      ...(right && now.sign === "·" ? [[right, ...second] as const] : []),
      ...[now.sink, now.sunk].flatMap((each) => (each ? [[each, "row", at.row] as const] : [])),
    ];
    return wanted.flatMap(([name, axis, index]) => {
      const meta = metaOf(name);
      const isPooled = meta && !isWhole(finePooling(meta.shape));
      return isPooled ? (lineKey(name, axis, index) ?? []) : [];
    });
  });
  const lines = resources(state, source, abort, () => linesWanted.value);
  function line(name: StepName, axis: "row" | "column", index: number): Numbers | null {
    const whole = wholeOf(name);
    if (!whole) {
      const key = lineKey(name, axis, index);
      return key === null ? null : (lines.value.tensors.get(key)?.data ?? null);
    }
    const count = whole.shape[axis === "row" ? 1 : 0];
    return Float32Array.from({ length: count }, (_, i) =>
      axis === "row" ? whole.at(index, i) : whole.at(i, index),
    );
  }

  return {
    answer,
    steps,
    results: computed(() => resultsOf(steps.value)),
    shown,
    operation,
    small: (name) => matrix(smallHeld, name, smallPooling),
    large,
    isHere: computed(() => wantedLarge.value.every(({ name }) => large(name) !== null)),
    query,
    followed,
    pointed,
    cell,
    turn,
    symbol: (name) => symbolOf(metaOf(name)?.formula ?? name),
    line,
    pending: () => answer.value.pending || largeHeld.value.missing > 0,
    error: () => largeHeld.value.error ?? lines.value.error ?? smallHeld.value.error,
  };
}
