/**
 * What each view saves, as files that a reader of a change sees as pictures and as diffs. After a
 * change on purpose: npx vitest run tests/js/figures.test.ts -u
 *
 * jsdom draws no pixels and mixes no colours: strips, thumbnails and the heat of a text are blank
 * here. tests/browser holds those against the numbers.
 */

import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { State } from "../../js/trace/contract";
import type { ViewName } from "../../js/trace/options";
import widget from "../../js/widget";
import { NotebookHost } from "./helpers/host";
import { one, openPage, type Page } from "./helpers/page";
import { Kernel, TinyModel } from "./helpers/python";
import { stateOf } from "./helpers/state";
import { read, styles } from "./helpers/styles";

const TEXT = "a small no|vel idea .";

let page: Page;
let close: () => void;
let saved: Blob[];

/** A pixel picture stands in the file by its size: jsdom draws none. */
function pictureOf(this: HTMLCanvasElement): string {
  return `data:text/plain,${this.width}x${this.height}`;
}

/** Left, top and width of what stands side by side or below; all else is as wide as the view. */
const PLACES: [string, number, number, number][] = [
  [".aw-of-queries", 0, 0, 180],
  [".aw-of-keys", 450, 0, 250],
  [".aw-queries-scroll, .aw-queries-scroll *", 0, 20, 180],
  [".aw-lines-middle, .aw-lines-middle *", 180, 20, 270],
  [".aw-keys-scroll, .aw-keys-scroll *", 450, 20, 250],
];
const PLACES_ACROSS: typeof PLACES = [
  [".aw-of-queries", 0, 0, 700],
  [".aw-of-keys", 0, 360, 700],
  [".aw-queries-scroll, .aw-queries-scroll *", 0, 20, 700],
  [".aw-lines-middle, .aw-lines-middle *", 0, 80, 700],
  [".aw-keys-scroll, .aw-keys-scroll *", 0, 300, 700],
];
const NEURON_PLACES: typeof PLACES = [
  [".aw-columns", 0, 26, 700],
  [".aw-scroll", 0, 48, 700],
];

/** What stands side by side in these has as much room each. */
const SHARED = ".aw-row, .aw-neuron, .aw-neuron-titles, .aw-heads";

function heightOf(element: Element): number {
  if (element.matches(".aw-of-queries, .aw-of-keys, .aw-columns")) return 20;
  return element.matches(".aw-neuron-head, [data-direction=vertical] .aw-row, .aw-neuron .aw-row")
    ? 22
    : element.closest("[data-direction=horizontal] .aw-scroll")
      ? 60
      : 220;
}

/** Units of a text follow each other in one line; rows lie where they were moved. */
function placeOf(this: Element): DOMRect {
  const at = [...document.querySelectorAll("[data-unit]")].indexOf(this);
  if (at >= 0) return new DOMRect(10 + 70 * at, 10, 60, 22);
  const isAcross = this.closest('[data-direction="horizontal"]') !== null;
  const { parentElement: parent, style } = this as HTMLElement;
  const within = parent?.closest(SHARED);
  if (this.matches(".aw-row") && parent) {
    const { x, y, width } = placeOf.call(parent);
    const by = Number.parseFloat(/\((.+)px/.exec(style.transform)?.[1] ?? "0");
    return isAcross
      ? new DOMRect(x + by, y, Number.parseFloat(style.width), heightOf(this))
      : new DOMRect(x, y + by, width, heightOf(this));
  }
  if (parent && within) {
    const { x, y, width, height } = placeOf.call(parent);
    if (parent !== within) {
      const share = style.width.endsWith("%") ? Number.parseFloat(style.width) / 100 : 1;
      return new DOMRect(x, y, width * share, height);
    }
    const seen = [...within.children].filter((child) => !(child as HTMLElement).hidden);
    const [place, count] = [seen.indexOf(this), seen.length];
    if (isAcross && within.matches(".aw-row")) {
      return new DOMRect(x, y + (place * height) / count, width, height / count);
    }
    const [gap, line] = within.matches(".aw-row") ? [6, height - 4] : [0, height];
    const top = y + (height - line) / 2;
    return new DOMRect(x + (place * width) / count, top, width / count - gap, line);
  }
  const places = this.closest(".aw-view-neuron")
    ? NEURON_PLACES
    : isAcross
      ? PLACES_ACROSS
      : PLACES;
  const [, left = 0, top = 0, width = 700] = places.find(([of]) => this.matches(of)) ?? [];
  return new DOMRect(left, top, width, heightOf(this));
}

/** Of a text in its element: every letter is as wide. */
function lineOf(text: Text, element: Element): DOMRect {
  const { x, y, width, height } = placeOf.call(element);
  const spare = width - 6 * text.length;
  const before: Record<string, number> = { right: spare, center: spare / 2 };
  let align = "";
  for (let at: Element | null = element; at && !align; at = at.parentElement) {
    align = getComputedStyle(at).textAlign; // jsdom does not inherit it
  }
  const left = x + (before[align] ?? 0);
  return new DOMRect(left, y + height / 2 - 8, 6 * text.length, 16);
}

/** jsdom inherits no custom properties: every element has those of its theme. */
function themed(): string {
  return themes()
    .map(([of, colours]) => `${of}, ${of} * { ${colours.join("")} }`)
    .join("\n");
}

/** What each theme names its colours by. */
function themes(): [string, string[]][] {
  const blocks = [
    ...styles.matchAll(/^(\.attention-widget(?:\[data-theme="dark"\])?) \{(.*?)^\}/gms),
  ];
  return blocks.map(([, of = "", body = ""]) => [
    of,
    [...body.matchAll(/--aw-[\w-]+:[^;]+;/g)].map(([each]) => each),
  ]);
}

/** Of rows that all have room. */
const LENGTHS: Record<string, string> = { "--aw-type": "14px", "--aw-pitch": "22px" };

/** The style of lists, with the colours of a theme in it. */
function styleOfRows(theme: string): string {
  const colours = new Map(
    themes().flatMap(([of, each]) =>
      of.includes("dark") && theme !== "dark"
        ? []
        : each.map((colour) => colour.slice(0, -1).split(/:\s*/) as [string, string]),
    ),
  );
  const sheets = [
    "controls/rows.css",
    "views/lines/style.css",
    "views/lines/side_by_side.css",
    "views/neuron/style.css",
  ];
  const neuron = ".aw-view-neuron { color: var(--aw-ink); font-size: 13px }";
  return [...sheets.map(read), neuron]
    .join("\n")
    .replace(/min\(var\(--aw-type\), (\d+px)\)/g, "$1") // jsdom computes no lengths
    .replace(/var\((--aw-[\w-]+)\)/g, (name, of: string) => LENGTHS[of] ?? colours.get(of) ?? name);
}

class Rect {
  constructor(
    readonly x: number,
    readonly y: number,
    readonly width: number,
    readonly height: number,
  ) {}
  get left() {
    return this.x;
  }
  get top() {
    return this.y;
  }
  get right() {
    return this.x + this.width;
  }
  get bottom() {
    return this.y + this.height;
  }
}

beforeEach(() => {
  page = openPage(700);
  saved = [];
  close = () => undefined;
  vi.stubGlobal("DOMRect", Rect);
  vi.spyOn(HTMLCanvasElement.prototype, "toDataURL").mockImplementation(pictureOf);
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(placeOf);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockImplementation(function (this: Element) {
    return placeOf.call(this).width;
  });
  vi.spyOn(Element.prototype, "getClientRects").mockImplementation(function (this: Element) {
    return [placeOf.call(this)] as unknown as DOMRectList;
  });
  Range.prototype.getClientRects = function (this: Range) {
    const { startContainer: text } = this;
    const element = text.parentElement;
    const unit = element?.closest("[data-unit]");
    const place = unit
      ? placeOf.call(unit)
      : text instanceof Text && element && lineOf(text, element);
    return (place ? [place] : []) as unknown as DOMRectList;
  };
  vi.stubGlobal(
    "URL",
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => {
        saved.push(blob);
        return "blob:figure";
      },
      revokeObjectURL: () => undefined,
    }),
  );
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
});

afterEach(() => {
  close();
  document.body.replaceChildren();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** The file of the button, a tag to a line. */
async function save(view: ViewName, change: Partial<State>): Promise<string> {
  const model = new TinyModel(TEXT);
  const host = new NotebookHost(
    stateOf({ text: TEXT, meta: model.meta, views: [view], ...change }),
  );
  new Kernel(host, model, () => model);
  const el = document.createElement("div");
  const style = document.createElement("style");
  const rows = styleOfRows(String(change.theme));
  style.textContent = `${themed()} .attention-widget { font-size: 16px } ${rows}`;
  document.body.append(style, el);
  const rendered = widget.render({ model: host as unknown as AnyModel<State>, el } as never);
  close = rendered as () => void;
  for (let wait = 0; wait < 4; wait++) await page.frames();
  one<HTMLButtonElement>(el, '[data-save="svg"]').click();
  await page.frames();
  expect(one(el, ".aw-view > .aw-error").textContent).toBe("");
  expect(saved).toHaveLength(1);
  const text = await (saved[0] as Blob).text();
  return text.replaceAll("><", ">\n<");
}

const CASES: [string, ViewName, Partial<State>][] = [
  ["lines", "lines", { heads: [0, 2] }],
  ["lines-of-a-token", "lines", { heads: [0, 2], token: 3 }],
  ["lines-horizontal", "lines", { heads: [1], direction: "horizontal" }],
  ["lines-words-dark", "lines", { words: true, heads: [0], token: 3, theme: "dark" }],
  ["grid", "grid", { heads: [1] }],
  ["neuron", "neuron", { heads: [1], token: 2 }],
  ["matrix", "matrix", { heads: [1], token: 2 }],
  ["tokens", "tokens", { token: 2 }],
  ["heads", "heads", { heads: [1] }],
  ["attribution", "attribution", { heads: [1], token: 1, key_token: 0 }],
  ["text", "text", { measure: "norm", token: 2, pinned: [3] }],
  ["text-russian", "text", { measure: "pinned_cosine", pinned: [3], locale: "ru" }],
];

it.each(CASES)("%s", async (name, view, change) => {
  const text = await save(view, change);
  expect(text).toMatch(/^<\?xml/);
  expect(text).not.toMatch(/NaN|undefined|var\(|class=|<script|<foreignObject/);
  await expect(text).toMatchFileSnapshot(`snapshots/${name}.svg`);
});
