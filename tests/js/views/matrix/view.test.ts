/** The matrix: where its parts stand, what its cells hold, and that it asks for no more. */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { groundOf } from "../../../../js/draw/colour_maps";
import { boxOf, svgPen } from "../../../../js/draw/pen";
import { weightColours } from "../../../../js/draw/weight_colours";
import { numbersIn } from "../../../../js/language/numbers";
import { mapMargins, mapTile } from "../../../../js/measures/heatmaps";
import { mapsOf, together } from "../../../../js/measures/layer_maps";
import { readMargins, received, sharesOf, sumOf } from "../../../../js/measures/margins";
import { FIT, sightOf, zoomed } from "../../../../js/plane/camera";
import { inSight, placeAt } from "../../../../js/plane/layout";
import { resources } from "../../../../js/tensors/resource";
import type { State } from "../../../../js/trace/contract";
import { barsOf } from "../../../../js/views/matrix/bars";
import { coloursOf } from "../../../../js/views/matrix/colours";
import { labelStep } from "../../../../js/views/matrix/marks";
import { planOf, poolingFor, type Room } from "../../../../js/views/matrix/plan";
import widget from "../../../../js/widget";
import { contrast } from "../../helpers/colours";
import { NotebookHost, settled } from "../../helpers/host";
import { all, one, openPage, type Page, point, press } from "../../helpers/page";
import { Kernel, mean, TinyModel } from "../../helpers/python";
import { below, floats, randomFrom } from "../../helpers/random";
import {
  attentionOf,
  connected,
  layerOf,
  metaOf,
  special,
  stateOf,
  token,
} from "../../helpers/state";
import { HandSource, tensorOf } from "../../helpers/tensors";

const random = randomFrom(5);
const between = (low: number, high: number) => low + random() * (high - low);
const TIMES = Array.from({ length: 200 }, (_, index) => index);

describe("the plan", () => {
  const rooms: Room[] = TIMES.map(() => ({
    width: 300 + below(random, 1200),
    height: below(random, 2) ? null : 200 + below(random, 800),
    pictures: 1 + below(random, 3) * below(random, 30),
    queries: 1 + below(random, 700),
    keys: 1 + below(random, 700),
    labels: { rows: 20 + below(random, 90), columns: 20 + below(random, 90) },
    corner: 66,
  }));

  it("has a place for each picture within its width, apart from the others", () => {
    for (const room of rooms) {
      const plan = planOf(room);
      expect(plan.maps).toHaveLength(room.pictures);
      for (const [index, map] of plan.maps.entries()) {
        expect(map.width).toBeGreaterThan(0);
        expect(map.height).toBeGreaterThan(0);
        expect(map.x - plan.labels.rows).toBeGreaterThanOrEqual(0);
        expect(map.y - plan.labels.columns - plan.titles).toBeGreaterThanOrEqual(0);
        expect(map.x + map.width + plan.sums).toBeLessThanOrEqual(plan.width + 1);
        expect(map.y + map.height + plan.bars).toBeLessThanOrEqual(plan.height + 1);
        for (const other of plan.maps.slice(index + 1, index + 12)) {
          const beside = map.x + map.width < other.x - plan.labels.rows;
          const below = map.y + map.height < other.y - plan.labels.columns - plan.titles;
          expect(beside || below).toBe(true);
        }
      }
    }
  });

  it("finds what is at a place, as it was drawn there", () => {
    for (const room of rooms) {
      const plan = planOf(room);
      const zoom = zoomed(FIT, between(1, 8), { x: random(), y: random() }, 10);
      const sight = sightOf(zoom, room.queries, room.keys);
      const query = Math.floor(between(sight.y, sight.y + sight.height));
      const key = Math.floor(between(sight.x, sight.x + sight.width));
      const picture = below(random, room.pictures);
      const map = plan.maps[picture];
      if (!map) throw new Error("no map");
      const { x, y } = boxOf(map, sight, { x: key + 0.5, y: query + 0.5, width: 0, height: 0 });
      const inside = x > map.x && x < map.x + map.width && y > map.y && y < map.y + map.height;
      if (inside) expect(placeAt(plan, sight, x, y)).toEqual({ picture, query, key });
      if (plan.labels.rows && y > map.y && y < map.y + map.height) {
        expect(placeAt(plan, sight, map.x - 3, y)).toEqual({ picture, query, key: null });
      }
    }
    expect(placeAt(planOf(rooms[0] as Room), sightOf(FIT, 3, 3), -5, -5)).toBeNull();
  });

  it("pools cells only where they are smaller than a pixel, and never two pixels into one", () => {
    for (const [cell, scale, pooling] of [
      [20, 1, 1],
      [1, 1, 1],
      [0.9, 1, 2],
      [0.5, 1, 2],
      [0.5, 2, 1],
      [0.16, 1, 8],
    ] as const) {
      expect(poolingFor(cell, scale)).toBe(pooling);
    }
  });

  it("labels as many tokens as fit without touching", () => {
    for (const cell of [0.01, 0.3, 1, 5, 13, 14, 40]) {
      expect(labelStep(cell) * cell).toBeGreaterThanOrEqual(14);
      expect([1, 2, 5]).toContain(Number(String(labelStep(cell))[0]));
    }
    expect(inSight(7.3, 10, 5)).toEqual([10, 15]);
    expect(inSight(0, 4)).toEqual([0, 1, 2, 3]);
  });
});

describe("numbers of a map", () => {
  const [queries, keys] = [5, 7];
  const map = Float32Array.from({ length: queries * keys }, () => random());
  map[3] = 0;
  map[2 * keys + 4] = Number.NaN;
  const weight = (query: number, key: number) => map[query * keys + key] ?? 0;
  const row = (query: number) => [...map.subarray(query * keys, (query + 1) * keys)];
  const numbers = [...map].filter((value) => !Number.isNaN(value));

  const one = { kind: "encoder", layer: 0, together: "mean", heads: [0] } as const;
  const maps = mapsOf({ shape: [1, queries, keys], data: map });
  const margins = readMargins(mapMargins(maps, one).data, queries);

  it("has margins of each row and column, NaN in the sums alone", () => {
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    expect(sumOf(margins, 0)).toBeCloseTo(sum(row(0)), 6);
    expect(sumOf(margins, 2)).toBeNaN();
    expect(received(margins, 4)).toBeNaN();
    const column = Array.from({ length: queries }, (_, query) => weight(query, 1));
    expect(received(margins, 1)).toBeCloseTo(sum(column) / queries, 6);
    expect(margins.least).toBe(0);
    expect(margins.most).toBe(Math.max(...numbers));
  });

  it("is divided by the largest of each row", () => {
    const shares = sharesOf({ shape: [queries, keys], data: map }, margins, 0);
    expect(Math.max(...[...shares.data].slice(0, keys))).toBe(1);
    expect(shares.data[2 * keys + 4]).toBeNaN();
    expect(margins.leastShare).toBe(0);
  });

  it("is pooled to the largest, NaN where one is", () => {
    const place = { scale: "weight", pooling: 3, row: 0, column: 0 } as const;
    const { shape, data } = mapTile(maps, { ...one, ...place });
    expect(shape).toEqual([2, 3]);
    expect(data[1]).toBeNaN();
    const block = [0, 1, 2].flatMap((query) => row(query).slice(0, 3));
    expect(data[0]).toBe(Math.max(...block));
    expect(data[5]).toBe(Math.max(weight(3, 6), weight(4, 6)));
  });

  it("is the mean or the maximum of several heads", () => {
    const layer = { shape: [3, 2, 2], data: floats(randomFrom(3), 12) };
    const cell = (head: number) => layer.data[head * 4 + 1] ?? 0;
    const of = (heads: number[], how: "mean" | "maximum") => together(mapsOf(layer), heads, how)(0);
    expect(of([0, 2], "mean")[1]).toBeCloseTo((cell(0) + cell(2)) / 2, 6);
    expect(of([0, 2], "maximum")[1]).toBe(Math.max(cell(0), cell(2)));
    expect([...of([1], "maximum")]).toEqual([...layer.data.subarray(4, 6)]);
  });
});

describe("colours", () => {
  it.each([true, false])("tell more from less by how they stand out (dark: %s)", (dark) => {
    const { state } = connected({ theme: dark ? "dark" : "light" });
    const paper = groundOf(dark);
    for (const log of [true, false]) {
      state.log_colour.value = log;
      for (const head of [null, 0, 1, 2, 3]) {
        const colours = coloursOf(weightColours(state, head), dark);
        const weights = Array.from({ length: 60 }, (_, index) => 0.85 ** (59 - index));
        const seen = weights.map((weight) => contrast(colours.of(weight), paper));
        seen.slice(1).forEach((now, index) => {
          expect(now).toBeGreaterThanOrEqual(seen[index] ?? 0);
        });
        expect(seen.at(-1)).toBeGreaterThan(2.5);
        expect(colours.of(0)).not.toEqual(colours.of(1e-30));
        expect(colours.of(Number.NaN)).not.toEqual(colours.of(0));
      }
    }
  });
});

describe("bars", () => {
  it("are one for each token, or the largest within a pixel", () => {
    expect(barsOf(0, 4, 40, (token) => token)).toEqual(
      [0, 1, 2, 3].map((token) => ({ start: 10 * token, size: 9, value: token })),
    );
    const fine = barsOf(0, 100, 10, (token) => (token === 37 ? 1 : 0));
    expect(fine.map(({ value }) => value)).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect(barsOf(0, 2, 20, () => Number.NaN).map(({ value }) => value)).toEqual([0, 0]);
  });
});

describe("a figure", () => {
  it("clips the map, and holds text as text", () => {
    const pen = svgPen();
    pen.text(1, 2, "<b>&", { colour: "red", size: 12, turned: "up" });
    pen.cells({ x: 0, y: 0, width: 10, height: 10 }, { x: 2, y: 3, width: 4, height: 5 }, []);
    const [text, map] = pen.marks;
    expect(text?.textContent).toBe("<b>&");
    expect(text?.children).toHaveLength(0);
    expect(map?.getAttribute("viewBox")).toBe("2 3 4 5");
  });
});

describe("tensors that are asked for together", () => {
  it("come first to last, are kept, and are let go of when no longer wanted", async () => {
    const { state, host, controller } = connected();
    const source = new HandSource();
    const keys = () => (state.layer.value ? ["b", "c"] : ["a", "b"]);
    const result = resources(state, source, controller.signal, keys);
    expect(source.keys).toEqual(["b", "a"]); // the newest wish is served first
    expect(result.value.missing).toBe(2);
    source.answer("b", tensorOf([1], 2));
    await settled();
    expect([...result.value.tensors.keys()]).toEqual(["b"]);
    state.layer.value = 1;
    expect(source.wishFor("a").signal.aborted).toBe(true);
    expect(source.keys).toEqual(["b", "a", "c"]);
    expect(result.value.tensors.get("b")?.data[0]).toBe(2);
    source.wishFor("c").reject(new Error("no c today"));
    await settled();
    expect(result.value).toMatchObject({ missing: 0, error: "no c today" });
    state.layer.value = 0;
    source.answer("a", tensorOf([1], 1));
    await settled();
    expect(result.value).toMatchObject({ missing: 0, error: null });
    expect([...result.value.tensors.keys()].sort()).toEqual(["a", "b"]);
    host.receive({ meta: metaOf("another text", { run: 2 }) });
    expect(result.value.tensors.size).toBe(0);
    controller.abort();
    expect(source.wishes.at(-1)?.signal.aborted).toBe(true);
  });
});

describe("the view", () => {
  const TEXT = "a small no|vel idea .";
  const N = 8;
  let page: Page;
  let host: NotebookHost;
  let el: HTMLElement;
  let close: () => void = () => undefined;

  beforeEach(() => {
    page = openPage(800, 220);
    const mocked = vi.mocked(HTMLCanvasElement.prototype.getContext);
    const plain = mocked.getMockImplementation();
    mocked.mockImplementation(function (this: HTMLCanvasElement) {
      const context = plain?.call(this, "2d") as unknown as Record<string, unknown>;
      const nothing = () => undefined;
      const more = ["fillRect", "strokeRect", "fillText", "save", "restore", "translate", "rotate"];
      for (const name of [...more, "rect", "clip"]) context[name] ??= nothing;
      context.measureText ??= (text: string) => ({ width: 6 * text.length });
      return context as never;
    });
    el = document.createElement("div");
    document.body.append(el);
  });

  afterEach(() => {
    close();
    document.body.replaceChildren();
    vi.restoreAllMocks();
  });

  async function open(change: Partial<State> = {}, model = new TinyModel(TEXT)): Promise<void> {
    host = new NotebookHost(stateOf({ meta: model.meta, views: ["matrix"], ...change }));
    new Kernel(host, model, () => model);
    close = widget.render({ model: host as unknown as AnyModel<State>, el });
    await page.frames();
  }

  const view = () => one(el, ".aw-view-matrix");
  const plot = () => one(view(), ".aw-matrix");
  const note = () => one(view(), ".aw-note").textContent ?? "";
  const tip = () => one(view(), ".aw-tooltip");
  const cell = (query: number, key: number) => {
    const [x = 0, y = 0, width = 0, height = 0] = (plot().dataset.maps ?? "")
      .split(" ")
      .map(Number);
    return { clientX: x + ((key + 0.5) * width) / N, clientY: y + ((query + 0.5) * height) / N };
  };
  const click = (query: number, key: number) => {
    point(plot(), "pointerdown", cell(query, key));
    point(plot(), "pointerup", cell(query, key));
    plot().dispatchEvent(new MouseEvent("click", { bubbles: true, ...cell(query, key) }));
  };

  it("shows heads of several layers side by side, each with its own weights", async () => {
    const model = new TinyModel(TEXT);
    const head_pairs: [number, number][] = [
      [1, 2],
      [0, 1],
    ];
    await open(
      { layer: 1, heads: [2], combine: "mean", head_pairs, token: 3, key_token: 2 },
      model,
    );
    const canvas = one<HTMLCanvasElement>(plot(), "canvas:first-child");
    expect(page.drawnOn(canvas).filter(({ what }) => what === "image")).toHaveLength(2);
    const weight = numbersIn("en").weight(model.weights(1, 2, 3)[2] ?? Number.NaN);
    expect(note()).toContain(`with weight ${weight} · layer 1, head 2`);
    plot().focus();
    press(plot(), "ArrowRight");
    press(plot(), "ArrowRight", { shiftKey: true });
    await page.frames();
    expect(note()).toContain("layer 0, head 1");
    const second = numbersIn("en").weight(model.weights(0, 1, 3)[2] ?? Number.NaN);
    expect(note()).toContain(second);
    host.receive({ token: null, key_token: null });
    plot().blur();
    await page.frames();
    expect(note()).toContain("layer 1, head 2; layer 0, head 1, on one colour scale");
  });

  it("asks for the layer once, and draws the head in front", async () => {
    await open();
    expect(host.keys).toEqual(expect.arrayContaining(["attention/encoder/0"]));
    expect(host.keys.filter((key) => key.startsWith("map_"))).toEqual([]);
    const canvas = one<HTMLCanvasElement>(plot(), "canvas:first-child");
    expect(page.drawnOn(canvas).filter(({ what }) => what === "image")).toHaveLength(1);
    expect(note()).toContain("layer 0, head 0");
    expect(note()).toContain("each row sums to 1");
  });

  it("says the exact weight under the mouse, for any heads", async () => {
    const model = new TinyModel(TEXT);
    await open({ heads: [0, 2] }, model);
    const rows = [0, 2].map((head) => model.weights(0, head, 5));
    const said = (weight: number) => `“idea” attends to “small” with weight ${weight.toFixed(3)}`;
    point(plot(), "pointermove", cell(5, 2));
    expect(tip().textContent).toContain(said(rows[0]?.[2] ?? 0));
    expect(tip().textContent).toContain("layer 0, head 0 (the first of 2 selected)");
    one(view(), '.aw-chips [data-index="2"]').click();
    await page.frames();
    expect(host.saved).toEqual([{ heads: [2] }]);
    expect(tip().textContent).toContain(said(rows[1]?.[2] ?? 0));
    host.receive({ combine: "mean", heads: [0, 2] });
    await page.frames();
    expect(tip().textContent).toContain(said(mean(rows)[2] ?? 0));
    host.receive({ combine: "maximum" });
    await page.frames();
    expect(tip().textContent).toContain(said(Math.max(...rows.map((row) => row[2] ?? 0))));
    point(plot(), "pointerleave");
    expect(tip().hidden).toBe(true);
  });

  it("selects both tokens of a cell, and lets go of both", async () => {
    await open();
    click(5, 2);
    expect(host.state).toMatchObject({ token: 5, key_token: 2 });
    click(5, 4);
    expect(host.state).toMatchObject({ token: 5, key_token: 4 });
    click(3, 4);
    expect(host.state).toMatchObject({ token: 3, key_token: 4 });
    click(3, 4);
    expect(host.state).toMatchObject({ token: null, key_token: null });
  });

  it("keeps the key of a label alone, and says what it receives", async () => {
    const model = new TinyModel(TEXT);
    await open({}, model);
    const above = { clientX: cell(0, 2).clientX, clientY: cell(0, 2).clientY - 30 };
    const click = () => {
      point(plot(), "pointermove", above);
      plot().dispatchEvent(new MouseEvent("click", { bubbles: true, ...above }));
    };
    click();
    point(plot(), "pointerleave");
    await page.frames();
    expect(host.state).toMatchObject({ token: null, key_token: 2 });
    const received = mean(model.meta.tokens.map((_, query) => model.weights(0, 0, query)))[2];
    expect(note()).toContain(`receives ${received?.toFixed(3)} on average`);
    click();
    expect(host.state).toMatchObject({ token: null, key_token: null });
  });

  it("selects nothing when the hand has dragged", async () => {
    await open();
    point(plot(), "pointerdown", { ...cell(5, 2), button: 0 });
    point(plot(), "pointermove", { ...cell(6, 3), buttons: 1 });
    point(plot(), "pointerup", cell(6, 3));
    plot().dispatchEvent(new MouseEvent("click", { bubbles: true, ...cell(6, 3) }));
    expect(host.state).toMatchObject({ token: null, key_token: null });
  });

  it("leaves the wheel to the page, but for Ctrl", async () => {
    await open({}, new TinyModel(Array.from({ length: 60 }, (_, i) => `w${i}`).join(" ")));
    const wheel = (ctrlKey: boolean) => {
      const event = new WheelEvent("wheel", { deltaY: -400, ctrlKey, cancelable: true });
      plot().dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(wheel(false)).toBe(false);
    expect(note()).not.toContain("queries");
    expect(wheel(true)).toBe(true);
    expect(note()).toMatch(/queries \d+–\d+ of 62/);
    press(plot(), "0");
    expect(note()).not.toContain("queries");
  });

  it("walks by keys, and tells where it stands", async () => {
    const model = new TinyModel(TEXT);
    await open({ token: 3, key_token: 1 }, model);
    expect(note()).toContain(`with weight ${model.weights(0, 0, 3)[1]?.toFixed(3)}`);
    press(plot(), "ArrowDown");
    press(plot(), "ArrowDown");
    press(plot(), "ArrowRight");
    expect(note()).toContain(`with weight ${model.weights(0, 0, 4)[2]?.toFixed(3)}`);
    press(plot(), "Enter");
    expect(host.state).toMatchObject({ token: 4, key_token: 2 });
    press(plot(), "Escape");
    expect(host.state).toMatchObject({ token: null, key_token: null });
    expect(press(plot(), "+", { ctrlKey: true }).defaultPrevented).toBe(false);
  });

  it("never writes a token as markup", async () => {
    const evil = token("<img src=x onerror=alert(1)>");
    await open(
      {},
      new TinyModel([
        special("[CLS]"),
        evil,
        ...["b", "c", "d", "e", "f", "g"].map((t) => token(t)),
      ]),
    );
    point(plot(), "pointermove", cell(1, 1));
    expect(tip().textContent).toContain("<img");
    expect(all(view(), "img")).toEqual([]);
  });

  it("asks for tiles of a long text, never for the whole", async () => {
    const tokens = Array.from({ length: 1200 }, (_, index) => token(`t${index}`));
    const meta = metaOf(tokens, { attention: attentionOf([layerOf(3)]) });
    host = new NotebookHost(stateOf({ meta, views: ["matrix"], normalise_rows: true }));
    close = widget.render({ model: host as unknown as AnyModel<State>, el });
    await page.frames();
    expect(host.keys.some((key) => key.startsWith("attention/"))).toBe(false);
    expect(host.keys).toContain("map_margins/encoder/0/mean/0");
    // None at the size that the picture was thought to have before it was measured.
    expect(host.keys.filter((key) => key.startsWith("map_tile/"))).toEqual(
      ["0/0", "0/1", "1/0", "1/1"].map((at) => `map_tile/encoder/0/mean/0/share/2/${at}`),
    );
    host.message({
      id: host.requestFor("map_margins/encoder/0/mean/0").id,
      error: "out of memory",
    });
    await page.frames();
    expect(one(view(), ".aw-error").textContent).toBe("out of memory");
  });

  it("leaves nothing behind", async () => {
    await open();
    close();
    expect(page.observers.size).toBe(0);
    expect(el.children).toHaveLength(0);
    close = () => undefined;
  });
});
