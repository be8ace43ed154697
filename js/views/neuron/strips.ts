/** What the strips of cells stand for in each step, and the numbers of their cells. */

import type { AppState } from "../../state/app_state";
import type { NeuronStep } from "../../trace/options";
import type { NeuronData } from "./data";
import { NEURON } from "./texts";

/** Above the rows, and the two in each row. */
export const PLACES = ["top", "first", "second"] as const;
export type StripPlace = (typeof PLACES)[number];

export const STRIPS = {
  scores: { top: "query", first: "key", second: "product" },
  values: { top: "output", first: "value", second: "weighted" },
} as const satisfies Record<NeuronStep, Record<StripPlace, string>>;

export interface Strip {
  /** Beyond it colours say so. */
  readonly limit: number;
  cell(key: number, i: number): number;
  /** A number as it is written, no more exact than it is. */
  write(number: number): string;
  /** What is said of a cell. */
  says(key: number, i: number): string[];
}

export interface Strips extends Readonly<Record<StripPlace, Strip>> {
  /** Cells of a row. */
  readonly dim: number;
}

/** Null while the vectors are not here, or where there are none. */
export function stripsOf(data: NeuronData, state: AppState): Strips | null {
  return state.neuron_step.value === "values" ? ofValues(data, state) : ofScores(data, state);
}

function ofScores(data: NeuronData, state: AppState): Strips | null {
  const { value: vectors } = data.vectors;
  if (!vectors) return null;
  const { query, keys, product } = vectors;
  const { numbers } = state;
  const limit = data.vectorRange.value.high;
  const error = data.vectorError();
  const element = (number: number) => numbers.glance(number, error);
  const key = (at: number, i: number) => keys.data[at * keys.dim + i] ?? 0;
  const ofQuery = (i: number) =>
    named(state, `q[${i}]`, queryLabel(data, state), element(query[i] ?? 0));
  const ofKey = (at: number, i: number) =>
    named(state, `k[${i}]`, keyLabel(at, state), element(key(at, i)));
  const writeProduct = (number: number) => numbers.glance(number, data.productError());
  return {
    dim: keys.dim,
    top: { limit, cell: (_, i) => query[i] ?? 0, write: element, says: (_, i) => [ofQuery(i)] },
    first: { limit, cell: key, write: element, says: (at, i) => [ofKey(at, i)] },
    second: {
      limit: data.productRange.value.high,
      cell: product,
      write: writeProduct,
      says: (at, i) => {
        const [q, k] = [query[i] ?? 0, key(at, i)];
        const said = numbers.glance(q * k, error * (Math.abs(q) + Math.abs(k) + error));
        return [ofQuery(i), ofKey(at, i), `q × k = ${said}`];
      },
    },
  };
}

function ofValues(data: NeuronData, state: AppState): Strips | null {
  const { value: output } = data.values.output;
  if (!output) return null;
  const { numbers, say } = state;
  const { values, weights, of } = output;
  const { valueError, outputError } = data.values;
  const element = (number: number) => numbers.glance(number, valueError());
  const value = (at: number, i: number) => values.data[at * values.dim + i] ?? 0;
  const weighted = (at: number, i: number) => (weights[at] ?? 0) * value(at, i);
  const ofKey = (at: number, i: number) =>
    named(state, `v[${i}]`, keyLabel(at, state), element(value(at, i)));
  const errorOf = (at: number, i: number) => {
    const row = data.row.value;
    return Math.abs(value(at, i)) * (row?.errorOf(weights[at] ?? 0) ?? 0) + valueError();
  };
  const worst = () => data.values.valueRange.value.high * (data.row.value?.errorOf(0.5) ?? 0);
  return {
    dim: values.dim,
    top: {
      limit: data.values.weightedRange.value.high,
      cell: (_, i) => of[i] ?? 0,
      write: (number) => numbers.glance(number, outputError()),
      says: (_, i) => [
        named(
          state,
          `${say(NEURON.output)}[${i}]`,
          queryLabel(data, state),
          numbers.glance(of[i] ?? 0, outputError()),
        ),
      ],
    },
    first: {
      limit: data.values.valueRange.value.high,
      cell: value,
      write: element,
      says: (at, i) => [ofKey(at, i)],
    },
    second: {
      limit: data.values.weightedRange.value.high,
      cell: weighted,
      write: (number) => numbers.glance(number, worst() + valueError()),
      says: (at, i) => {
        const weight = weights[at] ?? 0;
        const share = numbers.share(weight, data.row.value?.errorOf(weight) ?? 0);
        const product = numbers.glance(weighted(at, i), errorOf(at, i));
        return [`softmax = ${share}`, ofKey(at, i), `softmax × v = ${product}`];
      },
    },
  };
}

const named = (state: AppState, name: string, token: string, value: string): string =>
  state.say(NEURON.of, { name, token, value });

const queryLabel = (data: NeuronData, state: AppState): string =>
  state.sides.value.queries.tokens[data.query.value]?.label ?? "";

const keyLabel = (key: number, state: AppState): string =>
  state.sides.value.keys.tokens[key]?.label ?? "";
