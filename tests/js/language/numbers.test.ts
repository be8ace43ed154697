/** Every number that a person reads has the decimal sign of the language, in every view. */

import { readdirSync, readFileSync } from "node:fs";
import type { AnyModel } from "@anywidget/types";
import { afterEach, describe, expect, it, vi } from "vitest";
import { numbersIn } from "../../../js/language/numbers";
import { LANGUAGES, type Language } from "../../../js/language/say";
import type { State } from "../../../js/trace/contract";
import { VIEWS } from "../../../js/trace/options";
import widget from "../../../js/widget";
import { NotebookHost } from "../helpers/host";
import { all, one, openPage, point, press } from "../helpers/page";
import { Kernel, TinyModel } from "../helpers/python";
import { maskOf, stateOf, token } from "../helpers/state";
import { root } from "../helpers/styles";

vi.setConfig({ testTimeout: 60_000 }); // jsdom is slow on a busy machine

it("numbers are written in one module", () => {
  const files = readdirSync(`${root}js`, { recursive: true });
  const writers = files
    .filter((path) => path.endsWith(".ts"))
    .filter((path) =>
      /\.to(?:Fixed|Precision|Exponential|LocaleString)\(|Intl\.NumberFormat/.test(
        readFileSync(`${root}js/${path}`, "utf8"),
      ),
    );
  expect(writers).toEqual(["language/numbers.ts"]);
});

it.each([
  ["en", ["0.123", "<0.001", "−1.23e−4", "0.0123", "−0.7071068", "1,234.50", "12.5", "−3"]],
  ["vi", ["0,123", "<0,001", "−1,23e−4", "0,0123", "−0,7071068", "1.234,50", "12,5", "−3"]],
  ["ru", ["0,123", "<0,001", "−1,23e−4", "0,0123", "−0,7071068", "1\u00a0234,50", "12,5", "−3"]],
] as const)("in %s", (language, written) => {
  const { weight, share, glance, end, exact, fixed } = numbersIn(language);
  expect([
    weight(0.12346),
    share(0.0001, 1e-3),
    glance(-0.000123),
    end(0.0123),
    exact(Math.fround(-Math.SQRT1_2)),
    fixed(1234.5, 2),
    fixed(12.5, 3, 0),
    fixed(-3, 0),
  ]).toEqual(written);
});

/** The name of a head, "23.4", is no number. */
const HEAD = /(?:đầu|голов\p{L}+) \d+\.\d+(?!\d|\.\d)/giu;

describe.each(LANGUAGES)("a page in %s", (locale: Language) => {
  let close: () => void = () => undefined;
  afterEach(() => {
    close();
    document.body.replaceChildren();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  /** All that is shown, told to a pointer or to a screen reader. */
  const said = (el: HTMLElement): string[] => {
    const names = ["title", "aria-label", "aria-valuetext", "data-score"];
    const told = names.flatMap((name) =>
      all(el, `[${name}]`).map((node) => node.getAttribute(name) ?? ""),
    );
    const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
    const texts: string[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode.nodeValue ?? "");
    return [...told, ...texts];
  };

  it("has one decimal sign in all views, tooltips, notes and figures", async () => {
    const page = openPage(700);
    const saved: Blob[] = [];
    const createObjectURL = (blob: Blob) => {
      saved.push(blob);
      return "blob:figure";
    };
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL, revokeObjectURL: () => undefined }));
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    vi.spyOn(HTMLCanvasElement.prototype, "toDataURL").mockReturnValue("data:image/png;base64,");
    Element.prototype.getClientRects = () => [] as unknown as DOMRectList;
    const TOKENS = ["one", "two", "three", "four"].map((text, step) =>
      token(text, { step, probability: 0.25, time: [step, step + 0.5] }),
    );
    const model = new TinyModel(TOKENS);
    for (const layer of model.meta.attention[0]?.layers ?? []) {
      layer?.masks.splice(0, 1, maskOf("other", { share: 0.625 }));
    }
    model.meta.positions.push({
      ...{ kind: model.meta.attention[0]?.kind ?? "encoder", encoding: "rotary", layers: [0] },
      ...{
        source: "rotary_emb",
        width: null,
        n_heads: null,
        turned: 4,
        dim: 4,
        scaling: 1.25,
        first: 0,
      },
    });
    const change: Partial<State> = { views: [...VIEWS], heads: [0, 2], token: 2, key_token: 1 };
    const more = { summary: "entropy", top_p: 0.925, threshold: 0.005, locale } as const;
    const host = new NotebookHost(stateOf({ text: "", meta: model.meta, ...change, ...more }));
    new Kernel(host, model, () => model);
    const el = document.createElement("div");
    document.body.append(el);
    const rendered = widget.render({ model: host as unknown as AnyModel<State>, el } as never);
    close = rendered as () => void;
    for (let wait = 0; wait < 6; wait++) await page.frames();

    const texts = said(el);
    const tooltips: string[] = [];
    const tell = async (node: Element, at: MouseEventInit = {}) => {
      point(node, "pointermove", at);
      await page.frames();
      tooltips.push(...all(el, ".aw-tooltip").map(({ textContent }) => textContent));
    };
    for (const unit of all(el, ".aw-unit")) await tell(unit);
    const row = one(el, ".aw-neuron-numbers").firstElementChild;
    if (row) {
      row.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
      await tell(row);
    }
    one(el, ".aw-matrix").focus();
    for (const key of ["ArrowDown", "ArrowRight"]) press(document.activeElement, key);
    one(el, ".aw-grid").focus();
    press(document.activeElement, "ArrowRight");
    await page.frames();
    texts.push(...said(el), ...tooltips);
    for (const button of all(el, '[data-save="svg"]')) button.click();
    await page.frames();
    for (const blob of saved) {
      const figure = new DOMParser().parseFromString(await blob.text(), "image/svg+xml");
      texts.push(...all(figure, "text, desc").map(({ textContent }) => textContent ?? ""));
    }

    const [own, other] = locale === "en" ? [/\d\.\d/, /\d,\d/] : [/\d,\d/, /\d\.\d/];
    const numbers = texts.filter((text) => own.test(text));
    const isNumber = (text: string) => other.test(text.replace(HEAD, ""));
    expect(numbers.length).toBeGreaterThan(40);
    expect(texts.filter(isNumber)).toEqual([]);
    for (const view of VIEWS) {
      const shown = said(one(el, `.aw-view-${view}`));
      expect(
        shown.filter((text) => own.test(text)),
        view,
      ).not.toEqual([]);
    }
    expect(saved.length).toBeGreaterThan(4);
  });
});
