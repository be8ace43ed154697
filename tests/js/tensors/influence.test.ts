/** What words have to do with a prediction: asked while the text shows it, after a rest. */

import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { measuredState } from "../../../js/state/measured_state";
import { REST_MS } from "../../../js/tensors/answer";
import { type Influencing, influenceOf, removalKnown } from "../../../js/tensors/influence";
import type { Influence } from "../../../js/trace/influence";
import { HandModel } from "../helpers/model";
import { type Connected, connected } from "../helpers/state";

let widget: Connected;
let model: HandModel;
let asking: Influencing;
let view: AbortController;
const wants = signal(false);

const ANSWER: Influence = {
  measure: "removal",
  of: "next token",
  position: 2,
  metric: "log_probability",
  label: "Paris",
  other_label: "",
  name: "log-probability of ' Paris' at token 2 'c'",
  unit: "nats",
  matters_from: 0.1,
  before: -0.5,
  baseline: null,
  gap: null,
  steps: 0,
  kind: "encoder",
  rows: "tokens",
  groups: [[0], [1], [2]],
  apart: [],
  values: [-1, null, 0.5],
  done: 2,
  total: 3,
};

beforeEach(() => {
  vi.useFakeTimers();
  widget = connected({});
  model = new HandModel();
  asking = influenceOf(widget.state, model);
  view = new AbortController();
  wants.value = false;
  widget.state.token.value = null;
  asking.follow(view.signal, () => wants.value);
});
afterEach(() => {
  view.abort();
  widget.controller.abort();
  vi.useRealTimers();
});

const questions = () => model.asked.map(({ question }) => question);

it("asks at once what is chosen first, and nothing of other measures", () => {
  wants.value = true;
  expect(questions()).toEqual([]);
  widget.state.measure.value = "removal";
  const kind = widget.state.attention_kind.value;
  expect(questions()).toEqual([
    { name: "influence", measure: "removal", token: null, kind, rows: "tokens" },
  ]);
  model.open("influence").told?.({ done: 2, of: 3, partial: ANSWER });
  expect(asking.known.value?.values).toEqual([-1, null, 0.5]);
  widget.state.measure.value = "norm";
  expect(asking.known.value).toBeNull();
  expect(model.open("influence").signal.aborted).toBe(true);
});

it("follows the token, the candidate and the rows, once they rest", () => {
  widget.state.measure.value = "integrated_gradients";
  wants.value = true;
  const first = model.open("influence");
  widget.state.token.value = 1;
  expect(first.signal.aborted).toBe(true);
  widget.state.token.value = 2;
  widget.state.compared_with.value = " London";
  widget.state.words.value = true;
  expect(model.asked).toHaveLength(1);
  vi.advanceTimersByTime(REST_MS);
  expect(questions()[1]).toMatchObject({
    measure: "integrated_gradients",
    token: 2,
    other: " London",
    rows: "words",
  });
  expect(model.asked).toHaveLength(2);
});

it("is one for a state and for that of a measure in the place of attention", () => {
  expect(influenceOf(measuredState(widget.state), model)).toBe(asking);
});

it("knows the removal of what is selected only once it is here", () => {
  expect(removalKnown(widget.state, model)).toBeUndefined();
  widget.state.measure.value = "removal";
  wants.value = true;
  const { question } = model.open("influence");
  model.put(question, ANSWER as never);
  expect(removalKnown(widget.state, model)).toBe(ANSWER);
});
