import { computed, type Signal, signal } from "@preact/signals-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { announcer } from "../../../js/shell/announcer";
import { waitingWords } from "../../../js/shell/connection_notice";
import { shortageWords } from "../../../js/shell/shortage_line";
import { kernelSource } from "../../../js/tensors/source";
import type { State } from "../../../js/trace/contract";
import { connectKernel } from "../../../js/transport/kernel";
import { live } from "../helpers/connection";
import { openPage } from "../helpers/page";
import { Kernel, mean, TinyModel } from "../helpers/python";
import { type Connected, connected } from "../helpers/state";

const TEXT = "a small no|vel idea .";

let model: TinyModel;
let kernel: Kernel;
let widget: Connected;
let element: HTMLElement;
let notice: Signal<string>;
let effect: Signal<string>;

beforeEach(() => {
  openPage();
  vi.useFakeTimers();
});

afterEach(() => {
  widget.controller.abort();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function show(change: Partial<State> = {}): void {
  model = new TinyModel(TEXT);
  widget = connected({ text: TEXT, meta: model.meta, ...change });
  kernel = new Kernel(widget.host, model, () => model);
  const { host, state, controller } = widget;
  const line = connectKernel(host, live(), controller.signal);
  const source = kernelSource(line, controller.signal);
  const words = waitingWords(state, line, source);
  const waiting = computed(() => `${words.value} ${shortageWords(state, line)}`.trim());
  notice = signal("");
  effect = signal("");
  element = announcer(state, source, { waiting, notice, effect }, controller.signal);
}

/** Lets answers come and the selection rest. */
const rest = async () => {
  await vi.advanceTimersByTimeAsync(1_000);
  return element.textContent;
};

const label = (token: number) => model.meta.tokens[token]?.label ?? "";
const three = (weight: number | undefined) => (weight ?? Number.NaN).toFixed(3);

function strongest(weights: number[]): string {
  return weights
    .map((weight, key) => [label(key), weight] as const)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([key, weight]) => `${key} ${three(weight)}`)
    .join(", ");
}

describe("a screen reader is told", () => {
  it("politely, in one place", () => {
    show();
    expect([element.getAttribute("role"), element.getAttribute("aria-live")]).toEqual([
      "status",
      "polite",
    ]);
  });

  it("what is shown, while nothing is selected, and asks for nothing", async () => {
    show();
    expect(await rest()).toBe("tiny · 2 layers · 8 tokens");
    expect(widget.host.keys).toEqual([]);
  });

  it("of memory that is short, as long as it is", async () => {
    show();
    widget.host.receive({ busy: true });
    const shortage = { work: "reading", needed: 3_000_000_000, free: 950_000_000 };
    widget.host.message({ shortage });
    expect(await rest()).toBe(
      "running the model … Running the model takes about 3.0 GB of memory, and 950.0 MB are free: the kernel may die. A shorter text takes less.",
    );
    widget.host.receive({ busy: false });
    widget.host.message({ shortage: null });
    expect(await rest()).toBe("tiny · 2 layers · 8 tokens");
  });

  it("what a token attends to", async () => {
    show({ layer: 1, heads: [2], token: 3 });
    const weights = model.weights(1, 2, 3);
    expect(await rest()).toBe(`no attends most to ${strongest(weights)} (layer 1, head 2)`);
    widget.host.receive({ key_token: 5 });
    expect(await rest()).toBe(
      `no attends to idea with weight ${three(weights[5])} (layer 1, head 2)`,
    );
    widget.host.receive({ token: null });
    const received = model.meta.tokens.map((_, query) => model.weights(1, 2, query)[5] ?? 0);
    const sum = received.reduce((a, b) => a + b);
    expect(await rest()).toBe(
      `idea receives ${three(sum)} in total from 8 queries (layer 1, head 2)`,
    );
  });

  it("of several heads their mean, or their maximum where that is shown", async () => {
    show({ heads: [0, 2], token: 3 });
    const rows = [0, 2].map((head) => model.weights(0, head, 3));
    expect(await rest()).toBe(
      `no attends most to ${strongest(mean(rows))} (layer 0, mean of heads 0, 2)`,
    );
    widget.host.receive({ combine: "maximum" });
    const most = mean(rows).map((_, key) => Math.max(rows[0]?.[key] ?? 0, rows[1]?.[key] ?? 0));
    expect(await rest()).toBe(
      `no attends most to ${strongest(most)} (layer 0, maximum of heads 0, 2)`,
    );
    widget.host.receive({ heads: [] });
    expect(await rest()).toBe("no is selected, but no head is");
  });

  it("of several heads what a key receives by their mean, or by their maximum", async () => {
    show({ heads: [0, 2], key_token: 4 });
    const pairs = model.meta.tokens.map((_, query) =>
      [0, 2].map((head) => model.weights(0, head, query)[4] ?? 0),
    );
    const sumOf = (of: (pair: number[]) => number) =>
      three(pairs.reduce((sum, pair) => sum + of(pair), 0));
    const ofMean = sumOf(([a = 0, b = 0]) => (a + b) / 2);
    const ofMost = sumOf((pair) => Math.max(...pair));
    expect(ofMost).not.toBe(ofMean);
    expect(await rest()).toBe(
      `vel receives ${ofMean} in total from 8 queries (layer 0, mean of heads 0, 2)`,
    );
    widget.host.receive({ combine: "maximum" });
    expect(await rest()).toBe(
      `vel receives ${ofMost} in total from 8 queries (layer 0, maximum of heads 0, 2)`,
    );
    widget.host.receive({ heads: [] });
    expect(await rest()).toBe("vel is selected, but no head is");
  });

  it("of words where a row is a word", async () => {
    show({ heads: [0], token: 4, key_token: 5, words: true });
    const whole = mean([3, 4].map((query) => model.weights(0, 0, query)));
    expect(await rest()).toBe(
      `novel attends to idea with weight ${three(whole[5])} (layer 0, head 0)`,
    );
  });

  it("in the language of the widget", async () => {
    show({ heads: [1], token: 3, key_token: 5, locale: "ru" });
    const weight = three(model.weights(0, 1, 3)[5]).replace(".", ",");
    expect(await rest()).toBe(`no смотрит на idea с весом ${weight} (слой 0, голова 1)`);
  });

  it("that the model runs, and that the kernel does not answer", async () => {
    show();
    widget.host.receive({ busy: true });
    expect(await rest()).toBe("running the model …");
    widget.host.receive({ busy: false });
    kernel.awake = false;
    widget.host.receive({ token: 2 });
    await rest();
    expect(await rest()).toBe("waiting for the kernel …");
    kernel.wake();
    expect(await rest()).toMatch(/^small attends most to /);
  });
});

describe("a walk with the arrows", () => {
  it("tells only where it ends", async () => {
    show({ heads: [0] });
    await rest();
    const heard: (string | null)[] = [];
    new MutationObserver(() => heard.push(element.textContent)).observe(element, {
      childList: true,
    });
    for (const token of [0, 1, 2, 3, 4, 5]) {
      widget.host.receive({ token });
      await vi.advanceTimersByTimeAsync(100);
    }
    await rest();
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(/^idea attends most to /);
  });
});

it("tells once that the kernel is gone, before what is selected", async () => {
  show({ token: 1 });
  const selected = await rest();
  notice.value = "The kernel is gone.";
  expect(await rest()).toBe(`The kernel is gone. ${selected}`);
  widget.state.token.value = 2;
  expect(await rest()).not.toContain("The kernel is gone.");
});

it("tells what came of edits once it is known, alone where nothing else is new", async () => {
  show({ token: 1 });
  const selected = await rest();
  effect.value = "Without head 2: 0.5 → 0.1.";
  expect(await rest()).toBe("Without head 2: 0.5 → 0.1.");
  notice.value = "The kernel is gone.";
  expect(await rest()).toBe(`The kernel is gone. ${selected}`);
  effect.value = "All is put back.";
  expect(await rest()).toBe("All is put back.");
  effect.value = "Without head 2: “b” 0.4 → 0.3.";
  widget.state.token.value = 2;
  const both = await rest();
  expect(both).toMatch(/^small attends most to .* Without head 2: “b” 0.4 → 0.3.$/);
});

it("tells what came of edits while their attention is on its way", async () => {
  show({ token: 1 });
  await rest();
  kernel.awake = false;
  widget.host.receive({ layer: 1, heads: [1] });
  effect.value = "Without head 2: 0.5 → 0.1.";
  await vi.advanceTimersByTimeAsync(400);
  expect(element.textContent).toBe("Without head 2: 0.5 → 0.1.");
  kernel.wake();
  expect(await rest()).toMatch(/attends most to .* \(layer 1, head 1\)$/);
});
