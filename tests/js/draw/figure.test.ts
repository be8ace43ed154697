import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { svg, svgImage } from "../../../js/browser/svg";
import { type Figure, figureSvg, svgText } from "../../../js/draw/figure";
import type { LegendItem } from "../../../js/draw/legend";
import type { PictureSubject } from "../../../js/language/picture_subject";
import { figureCaption } from "../../../js/panel/figure_caption";
import { figureName } from "../../../js/panel/figure_name";
import type { ViewName } from "../../../js/trace/options";
import { openPage } from "../helpers/page";
import { attentionOf, connected, layerOf, metaOf } from "../helpers/state";

const HOSTILE = '<img src=x onerror=alert(1)>&amp;"</text><script>alert(1)</script>';
const COLOURS = { paper: "#ffffff", ink: "#16181d", soft: "#5a6070" };

beforeEach(() => {
  openPage();
  // As wide as jsdom can know: a canvas there measures nothing.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});

afterEach(() => document.body.replaceChildren());

function figureOf(change: Partial<Figure> = {}, caption: string[] = ["tiny · layer 0"]) {
  const figure = { width: 400, height: 120, marks: [], legend: [], ...change };
  return figureSvg(figure, { title: "Attention lines", caption }, COLOURS);
}

const number = (node: Element | null | undefined, name: string) =>
  Number(node?.getAttribute(name) ?? Number.NaN);
const placeOf = (node: Element | null | undefined): [number, number] => {
  const [, x = "", y = ""] =
    /translate\((\S+) (\S+)\)/.exec(node?.getAttribute("transform") ?? "") ?? [];
  return [Number(x), Number(y)];
};

describe("a node", () => {
  it("has its attributes inline, numbers in hundredths, text as text", () => {
    const node = svg("text", { x: 1 / 3, y: -0.001, fill: "red", "font-size": 12 }, HOSTILE);
    expect(node.namespaceURI).toBe("http://www.w3.org/2000/svg");
    expect(node.getAttribute("x")).toBe("0.33");
    expect(Number(node.getAttribute("y"))).toBe(0);
    expect(node.textContent).toBe(HOSTILE);
    expect(node.children).toHaveLength(0);
  });

  it("of pixels carries them with it", () => {
    const canvas = document.createElement("canvas");
    vi.spyOn(canvas, "toDataURL").mockReturnValue("data:image/png;base64,AAAA");
    const node = svgImage(canvas, { x: 1, y: 2, width: 30, height: 40 });
    expect(node.getAttribute("href")).toBe("data:image/png;base64,AAAA");
    expect(["x", "y", "width", "height"].map((name) => number(node, name))).toEqual([1, 2, 30, 40]);
    expect(node.getAttribute("preserveAspectRatio")).toBe("none");
  });
});

describe("a figure", () => {
  it("is one file that stands by itself, whatever its tokens are", () => {
    const marks = [svg("text", { x: 3, y: 4 }, HOSTILE), svg("path", { d: "M0 0L1 1" })];
    const text = svgText(figureOf({ marks }, [HOSTILE]));
    expect(text.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<svg ')).toBe(true);
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
    expect(parsed.querySelector("parsererror")).toBeNull();
    expect(parsed.querySelector("script, style, foreignObject, image, img, link, use")).toBeNull();
    expect(text).not.toMatch(/class=|var\(|url\(|(?:xlink:)?href=/);
    const said = [...parsed.querySelectorAll("text")].map((node) => node.textContent);
    expect(said).toContain(HOSTILE);
  });

  it("names itself for those who do not see it", () => {
    const figure = figureOf({}, ["tiny · layer 0", "novel → idea 0.31"]);
    expect(figure.getAttribute("role")).toBe("img");
    expect(figure.querySelector("title")?.textContent).toBe("Attention lines");
    expect(figure.querySelector("desc")?.textContent).toBe("tiny · layer 0\nnovel → idea 0.31");
  });

  it("holds its marks as they were given, below title and legend, above the caption", () => {
    const mark = svg("rect", { x: 0, y: 0, width: 400, height: 120, id: "mark" });
    const figure = figureOf({
      marks: [mark],
      legend: [{ colour: "#ff0000", label: "head 0" }],
    });
    expect(figure.querySelector("#mark")?.outerHTML).toBe(mark.outerHTML);
    const [left, top] = placeOf(figure.querySelector("#mark")?.parentElement);
    const [, legendTop] = placeOf(figure.querySelector("g"));
    const title = [...figure.querySelectorAll(":scope > text")].at(0);
    const caption = [...figure.querySelectorAll(":scope > text")].at(-1);
    expect(title?.textContent).toBe("Attention lines");
    expect(caption?.textContent).toBe("tiny · layer 0");
    expect(number(title, "y")).toBeLessThan(legendTop + 11);
    expect(legendTop + 11).toBeLessThan(top);
    expect(top + 120).toBeLessThan(number(caption, "y"));
    const [width, height] = ["width", "height"].map((name) => number(figure, name));
    expect(number(caption, "y")).toBeLessThan(height ?? 0);
    expect(left + 400).toBeLessThan(width ?? 0);
    expect(figure.getAttribute("viewBox")).toBe(`0 0 ${width} ${height}`);
  });

  it("lies on the paper of the theme", () => {
    const figure = figureOf();
    const paper = figure.querySelector("rect");
    expect(paper?.getAttribute("fill")).toBe(COLOURS.paper);
    for (const name of ["width", "height"]) {
      expect(paper?.getAttribute(name)).toBe(figure.getAttribute(name));
    }
    expect(figure.getAttribute("fill")).toBe(COLOURS.ink);
  });

  it("breaks a long caption between words, and keeps each of them", () => {
    const long = Array.from({ length: 60 }, (_, i) => `word${i}`).join(" ");
    const short = figureOf({}, ["tiny"]);
    const figure = figureOf({}, [long]);
    const lines = [...figure.querySelectorAll(":scope > text")].slice(1);
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.map((line) => line.textContent).join(" ")).toBe(long);
    for (const line of lines) expect((line.textContent ?? "").length * 11 * 0.6).toBeLessThan(410);
    const tops = lines.map((line) => number(line, "y"));
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
    expect(number(figure, "height")).toBeGreaterThan(number(short, "height"));
  });

  it("explains its colours, in as many rows as there is room for", () => {
    const heads: LegendItem[] = Array.from({ length: 30 }, (_, head) => ({
      colour: `#0000${String(head + 10)}`,
      label: `head ${head}`,
    }));
    const ramp = {
      ramp: ["#ffffff", "#888888", "#000000"],
      low: "0",
      high: "0.31",
      label: "weight",
    };
    const figure = figureOf({ legend: [ramp, ...heads] });
    const said = [...figure.querySelectorAll("g text")].map((node) => node.textContent);
    for (const words of ["weight  0", "0.31", "head 0", "head 29"]) expect(said).toContain(words);
    const rows = [...figure.querySelectorAll(":scope > g")].slice(0, -1);
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) {
      const places = [...row.children].map((item) => placeOf(item)[0]);
      expect(places[0]).toBe(0);
      expect(new Set(places).size).toBe(places.length);
      expect(Math.max(...places)).toBeLessThan(400);
    }
    const fills = [...figure.querySelectorAll("g rect")].map((node) => node.getAttribute("fill"));
    expect(fills.slice(0, 3)).toEqual(ramp.ramp);
    expect(fills).toHaveLength(3 + 30);
  });
});

describe("what stands below it", () => {
  const heads = (of: number[], how: PictureSubject["how"] = "each"): PictureSubject => ({
    of: "weights",
    layer: 1,
    heads: of,
    how,
  });

  it("names what was left out, where that pass is shown", () => {
    const { state, controller } = connected({ layer: 1 });
    const off = { edit: "head_off", kind: "encoder", tokens: null, value: "zero" } as const;
    state.edits.value = [{ ...off, layer: 0, heads: [2] }];
    const predictions: PictureSubject = { of: "predictions", layer: null, heads: [], how: "each" };
    expect(figureCaption(state, heads([1]))).toBe("tiny · layer 1 · head 1");
    expect(figureCaption(state, predictions)).toBe("tiny · Without head 2 of layer 0");
    state.shown_pass.value = "after";
    expect(figureCaption(state, heads([1]))).toBe(
      "tiny · layer 1 · head 1 · Without head 2 of layer 0",
    );
    controller.abort();
  });

  it("is the model, the attention, the layer and the heads, in the language", () => {
    const { state, host, controller } = connected({ layer: 1 });
    const pairs = [
      { layer: 2, head: 5 },
      { layer: 4, head: 1 },
    ];
    expect(figureCaption(state, { ...heads([1]), pairs })).toBe(
      "tiny · layer 2, head 5; layer 4, head 1",
    );
    expect(figureName(state, "lines", { ...heads([1]), pairs })).toContain("lines-L2H5-L4H1");
    expect(figureCaption(state, heads([1]))).toBe("tiny · layer 1 · head 1");
    host.receive({ words: true, special_tokens: "renormalise" });
    expect(figureCaption(state, heads([0, 2]))).toBe(
      "tiny · layer 1 · heads 0, 2 · words · special tokens hidden, weights renormalised",
    );
    host.receive({ special_tokens: "hide", locale: "ru" });
    expect(figureCaption(state, heads([3, 1, 2, 0, 7], "mean"))).toBe(
      "tiny · слой 1 · среднее по головам 0–3, 7 · слова · специальные токены скрыты",
    );
    const attention = [...attentionOf([layerOf(3)]), ...attentionOf([layerOf(3)], "cross")];
    const both = connected({ meta: metaOf("a", { attention }), attention_kind: "cross" });
    expect(figureCaption(both.state, heads([]))).toBe("tiny · cross · layer 1");
    controller.abort();
    both.controller.abort();
  });

  it("has no head where none is drawn, and no rows where they are not chosen", () => {
    const { state, controller } = connected({ words: true, special_tokens: "renormalise" });
    const of = (drawn: Partial<PictureSubject>) =>
      figureCaption(state, { ...heads([]), layer: null, ...drawn });
    expect(of({ of: "vectors", layer: 1 })).toBe("tiny · layer 1 · words · special tokens hidden");
    expect(of({ of: "vectors" })).toBe("tiny · token embeddings · words · special tokens hidden");
    expect(of({ of: "tokens", layer: 0, heads: [2] })).toBe("tiny · layer 0 · head 2");
    expect(of({ of: "model" })).toBe("tiny · words · special tokens hidden, weights renormalised");
    controller.abort();
  });

  it("and its name is one that every file system takes", () => {
    const meta = metaOf("a", { model_name: `${"x".repeat(80)}/bert:base "α" <b>` });
    const { state, controller } = connected({ meta });
    const name = (view: ViewName, drawn: PictureSubject) => figureName(state, view, drawn);
    expect(name("lines", heads([1]))).toMatch(/^[A-Za-z0-9._-]{1,90}-lines-layer-1-head-1-/);
    expect(name("text", heads([0, 1], "mean"))).toMatch(/-text-layer-1-mean-of-heads-0-1-/);
    expect(name("lines", heads([0, 1, 2, 3, 4, 5, 6]))).toMatch(/-lines-layer-1-heads-0to6-/);
    expect(name("grid", { of: "model", layer: null, heads: [], how: "each" })).toMatch(/-grid-a-/);
    controller.abort();
  });

  it("and its name differs by the target that was given", () => {
    const target = {
      tokens: [],
      has_hidden_states: true,
      has_word_embeddings: true,
      generated: false,
      given: null,
      replaceable: false,
    };
    const names = ["ein Roman", "ein Buch", null].map((given) => {
      const { state, controller } = connected({
        meta: metaOf("a", { target: { ...target, given } }),
      });
      const name = figureName(state, "grid", { of: "model", layer: null, heads: [], how: "each" });
      controller.abort();
      return name;
    });
    expect(new Set(names).size).toBe(3);
  });

  it("and its name differs by model, view, layer, heads, tokens and text, and by nothing else", () => {
    const names = new Set<string>();
    const long = "and so on, to the end of the line and beyond it";
    const texts = [
      "a small no|vel idea .",
      `${long} 1`,
      `${long} 2`,
      "ý tưởng mới",
      "ý tưởng cũ",
      "идея",
    ];
    const models = ["tiny", `${"x".repeat(90)}1/bert`, `${"x".repeat(90)}2/bert`];
    const all = Array.from({ length: 30 }, (_, head) => head);
    const chosen = [[1], [2], [1, 2], all, all.slice(1), all.filter((head) => head % 2)];
    let count = 0;
    for (const text of texts) {
      for (const model_name of models) {
        const meta = metaOf("a small no|vel idea .", { model_name });
        const { state, controller } = connected({ meta, text });
        for (const [token, key_token] of [
          [null, null],
          [1, null],
          [null, 1],
          [1, 2],
          [2, 1],
        ]) {
          state.token.value = token ?? null;
          state.key_token.value = key_token ?? null;
          for (const layer of [0, 1]) {
            for (const list of chosen) {
              for (const how of list.length > 1
                ? (["each", "mean"] as const)
                : (["each"] as const)) {
                const name = figureName(state, "lines", { of: "weights", layer, heads: list, how });
                expect(name).toBe(
                  figureName(state, "lines", { of: "weights", layer, heads: list, how }),
                );
                expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/);
                names.add(name.toLowerCase());
                count += 1;
              }
            }
          }
        }
        controller.abort();
      }
    }
    expect(names.size).toBe(count);
  });
});
