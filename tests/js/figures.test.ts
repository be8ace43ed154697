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
import { styles } from "./helpers/styles";

const TEXT = "a small no|vel idea .";

let page: Page;
let close: () => void;
let saved: Blob[];

/** A pixel picture stands in the file by its size: jsdom draws none. */
function pictureOf(this: HTMLCanvasElement): string {
  return `data:text/plain,${this.width}x${this.height}`;
}

/** Left and width of what stands side by side; all else is as wide as the view. */
const COLUMNS: [string, number, number][] = [
  [".aw-queries-scroll, .aw-queries-scroll *", 0, 180],
  [".aw-lines-middle, .aw-lines-middle *", 180, 270],
  [".aw-keys-scroll, .aw-keys-scroll *", 450, 250],
];

/** Units of a text follow each other in one line. */
function placeOf(this: Element): DOMRect {
  const at = [...document.querySelectorAll("[data-unit]")].indexOf(this);
  if (at >= 0) return new DOMRect(10 + 70 * at, 10, 60, 22);
  const across = this.closest('[data-direction="horizontal"]') !== null;
  const [, left = 0, width = 700] = COLUMNS.find(([of]) => !across && this.matches(of)) ?? [];
  return new DOMRect(left, 0, width, 220);
}

/** jsdom inherits no custom properties: every element has those of its theme. */
function themed(): string {
  const blocks = [
    ...styles.matchAll(/^(\.attention-widget(?:\[data-theme="dark"\])?) \{(.*?)^\}/gms),
  ];
  return blocks
    .map(([, of = "", body = ""]) => {
      const colours = [...body.matchAll(/--aw-[\w-]+:[^;]+;/g)].map(([each]) => each).join("");
      return `${of}, ${of} * { ${colours} }`;
    })
    .join("\n");
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
    const unit = this.startContainer.parentElement?.closest("[data-unit]");
    return (unit ? [placeOf.call(unit)] : []) as unknown as DOMRectList;
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
  style.textContent = `${themed()} .attention-widget * { font-size: 16px }`;
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
  ["text", "text", { measure: "norm", token: 2, pinned: [3] }],
  ["text-russian", "text", { measure: "pinned_cosine", pinned: [3], locale: "ru" }],
];

it.each(CASES)("%s", async (name, view, change) => {
  const text = await save(view, change);
  expect(text).toMatch(/^<\?xml/);
  expect(text).not.toMatch(/NaN|undefined|var\(|class=|<script|<foreignObject/);
  await expect(text).toMatchFileSnapshot(`snapshots/${name}.svg`);
});
