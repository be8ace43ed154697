/** The ranking of heads: asked for once while a view wants it, stopped, and gone on with. */

import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Ranking, rankingOf } from "../../../js/tensors/ranking";
import { settled } from "../helpers/host";
import { HandModel } from "../helpers/model";
import { ALL, ranked } from "../helpers/ranked";
import { type Connected, connected } from "../helpers/state";

let widget: Connected;
let model: HandModel;
let ranking: Ranking;
let view: AbortController;
const wants = signal(false);

beforeEach(() => {
  widget = connected({});
  model = new HandModel();
  ranking = rankingOf(widget.state, model);
  view = new AbortController();
  wants.value = false;
  ranking.follow(view.signal, () => wants.value);
});
afterEach(() => {
  view.abort();
  widget.controller.abort();
});

it("asks nothing before a view wants it, and once for several views", async () => {
  expect(model.asked).toHaveLength(0);
  wants.value = true;
  expect(model.asked.map(({ question }) => question)).toEqual([{ name: "ranked", position: null }]);
  expect(rankingOf(widget.state, model)).toBe(ranking);
  ranking.follow(new AbortController().signal, () => true);
  expect(model.asked).toHaveLength(1);
  expect(ranking.isRunning.value).toBe(true);
  model.open("ranked").resolve(ranked(ALL) as never);
  await settled();
  expect(ranking.isRunning.value).toBe(false);
  expect(ranking.known.value?.done).toBe(5);
  expect(model.asked).toHaveLength(1);
});

it("shows what is known so far, and keeps it when it is stopped", () => {
  wants.value = true;
  const { told, signal: stopped } = model.open("ranked");
  told?.({ done: 1, of: 5, partial: ranked({ "2.1": -2 }) });
  expect(ranking.known.value?.done).toBe(1);
  ranking.stop();
  expect(stopped.aborted).toBe(true);
  expect([ranking.isRunning.value, ranking.isStopped.value]).toEqual([false, true]);
  told?.({ done: 2, of: 5, partial: ranked({ "2.1": -2, "2.0": 1 }) });
  expect(ranking.known.value?.done).toBe(1); // what comes late is dropped
  ranking.goOn();
  expect(model.asked).toHaveLength(2);
  expect(ranking.known.value?.done).toBe(1);
});

it("another token is another ranking, and a selected one none", () => {
  wants.value = true;
  const first = model.open("ranked");
  widget.state.token.value = 2;
  expect(model.asked).toHaveLength(1);
  first.told?.({ done: 1, of: 5, partial: ranked({ "2.1": -2 }) });
  widget.state.effect_position.value = 2;
  expect(first.signal.aborted).toBe(true);
  expect(ranking.known.value).toBeNull();
  expect(model.open("ranked").question).toEqual({ name: "ranked", position: 2 });
});

it("stops with the views that want it, and begins again when one does", () => {
  wants.value = true;
  ranking.stop();
  wants.value = false;
  expect(ranking.isStopped.value).toBe(false);
  wants.value = true;
  expect(model.asked).toHaveLength(2);
  view.abort();
  expect(model.open("ranked").signal.aborted).toBe(true);
});

it("stays stopped for another text", () => {
  wants.value = true;
  ranking.stop();
  widget.host.receive({ meta: { ...widget.state.meta.value, run: 2 } });
  expect(model.asked).toHaveLength(1);
  ranking.goOn();
  expect(model.asked).toHaveLength(2);
});

it("says why it was refused, and does not ask again by itself", async () => {
  wants.value = true;
  model.open("ranked").reject(new Error("no model to ask"));
  await settled();
  expect(ranking.error.value).toBe("no model to ask");
  widget.state.layer.value = 1;
  expect(model.asked).toHaveLength(1);
  ranking.goOn();
  expect(model.asked).toHaveLength(2);
  expect(ranking.error.value).toBeNull();
});

it("what was answered is not asked for", () => {
  model.put({ name: "ranked", position: null }, ranked(ALL));
  wants.value = true;
  expect(model.asked).toHaveLength(0);
  expect(ranking.known.value?.done).toBe(5);
});
