import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { State } from "../../../js/trace/contract";
import { LOCALES, THEMES } from "../../../js/trace/options";
import widget from "../../../js/widget";
import { NotebookHost } from "../helpers/host";
import { all, one, openPage, type Page, press } from "../helpers/page";
import { Kernel, TinyModel } from "../helpers/python";
import { metaOf, stateOf, token } from "../helpers/state";

let page: Page;
let el: HTMLElement;
let host: NotebookHost;
let close: () => void;

beforeEach(() => {
  page = openPage();
  el = document.createElement("div");
  document.body.append(el);
});

afterEach(() => {
  close();
  document.documentElement.lang = "";
  document.body.replaceChildren();
});

async function open(change: Partial<State> = {}): Promise<void> {
  const model = new TinyModel("a novel");
  host = new NotebookHost(
    stateOf({ text: "a novel", meta: model.meta, views: ["text"], ...change }),
  );
  new Kernel(host, model, (text, run) => new TinyModel(text, { run }));
  close = widget.render({ model: host as unknown as AnyModel<State>, el });
  await page.frames();
}

const list = (name: string) => one<HTMLSelectElement>(el, `[data-option="${name}"] select`);
const root = () => one(el, ".attention-widget");

function choose(name: string, value: string): void {
  list(name).focus();
  list(name).value = value;
  list(name).dispatchEvent(new Event("change"));
}

describe("language", () => {
  it("is chosen here and in Python; all is said anew, and the list keeps the focus", async () => {
    await open();
    expect(root().lang).toBe("en");
    const options = all<HTMLOptionElement>(list("locale"), "option");
    expect(options.map(({ value }) => value)).toEqual([...LOCALES]);
    choose("locale", "vi");
    expect(host.saved).toEqual([{ locale: "vi" }]);
    expect(root().lang).toBe("vi");
    expect(document.activeElement).toBe(list("locale"));
    expect(list("locale").closest<HTMLElement>("[popover]")?.dataset.popover).toBe("open");
    expect(list("locale").value).toBe("vi");
    expect(one(el, ".aw-run").textContent).toBe("Chạy");
    expect(one(el, ".aw-model").textContent).toBe("tiny · 2 lớp · 4 token");
    host.receive({ locale: "ru" });
    expect(one(el, ".aw-run").textContent).toBe("Запустить");
    expect(list("locale").value).toBe("ru");
  });

  it("of the page is followed while nothing else is chosen", async () => {
    document.documentElement.lang = "ru-RU";
    await open({ locale: "auto" });
    expect(root().lang).toBe("ru");
    document.documentElement.lang = "vi";
    await page.frames();
    expect(root().lang).toBe("vi");
    choose("locale", "en");
    document.documentElement.lang = "ru";
    await page.frames();
    expect(root().lang).toBe("en");
  });

  it.each(["vi", "ru"] as const)(
    "%s: nothing around the views is left in English",
    async (locale) => {
      await open({ locale, busy: true });
      const english =
        /\b(layer|head|heads|all|none|show|views|attention|select|run|running|text|language|theme|click|close|keyboard|the|of|and|or)\b/i;
      for (const part of [".aw-top", ".aw-headline", ".aw-live", "dialog"]) {
        const node = one(el, part);
        const said = [node, ...all(node, "*")].flatMap((each) => [
          each.title,
          each.getAttribute("aria-label"),
          each.children.length || each.matches("textarea, [data-example] *")
            ? null
            : each.textContent,
        ]);
        expect(
          said.filter((words) => words && english.test(words)),
          part,
        ).toEqual([]);
      }
    },
  );

  it("any number of times leaves nothing behind", async () => {
    await open();
    const before = [host.listenerCount, page.observers.size, all(el, "*").length];
    for (const locale of ["vi", "ru", "en", "vi", "ru", "en"] as const) {
      host.receive({ locale });
      await page.frames();
    }
    expect([host.listenerCount, page.observers.size, all(el, "*").length]).toEqual(before);
  });
});

describe("theme", () => {
  it("is chosen here and in Python", async () => {
    await open({ theme: "auto" });
    const options = all<HTMLOptionElement>(list("theme"), "option");
    expect(options.map(({ value }) => value)).toEqual([...THEMES]);
    choose("theme", "dark");
    expect(root().dataset.theme).toBe("dark");
    expect(host.saved).toEqual([{ theme: "dark" }]);
    host.receive({ theme: "light" });
    expect(list("theme").value).toBe("light");
    expect(root().dataset.theme).toBe("light");
  });
});

describe("rows of every view", () => {
  const field = (name: string) => one(el, `[data-option="${name}"]`);

  it("are words or tokens, whichever views are shown", async () => {
    await open();
    expect(list("words").value).toBe("false");
    choose("words", "true");
    expect(host.state.words).toBe(true);
    host.receive({ words: false });
    expect(list("words").value).toBe("false");
  });

  it("have special tokens or not, where there are some", async () => {
    await open();
    expect([field("special_tokens").hidden, list("special_tokens").value]).toEqual([false, "show"]);
    for (const choice of ["hide", "renormalise"] as const) {
      choose("special_tokens", choice);
      expect(host.state.special_tokens).toBe(choice);
      expect(field("special_tokens").hidden).toBe(false); // the way back
    }
    const meta = metaOf([token("a"), token("b")], { run: 2 });
    host.receive({ meta, special_tokens: "show" });
    expect([field("special_tokens").hidden, list("special_tokens").value]).toEqual([true, "show"]);
  });
});

it("the way to the shortcuts gives the focus back to the gear", async () => {
  await open();
  const gear = one<HTMLButtonElement>(el, ".aw-gear");
  one(el, '[data-setting="help"]').click();
  expect(one<HTMLDialogElement>(el, "dialog").open).toBe(true);
  expect(document.activeElement).toBe(gear);
});

it("a key in a list of settings is the list's own", async () => {
  await open();
  expect(press(list("locale"), "ArrowDown").defaultPrevented).toBe(false);
  expect(host.saved).toEqual([]);
});

describe("memory", () => {
  const button = () => one<HTMLButtonElement>(el, '[data-setting="memory"]');
  const line = () => one(el, ".aw-memory");

  it("is one line, which is asked for when it is opened, in the words of the language", async () => {
    await open();
    expect(line().hidden).toBe(true);
    button().click();
    await page.frames();
    expect(button().getAttribute("aria-expanded")).toBe("true");
    expect(line().textContent).toMatch(
      /^trace 1\.2 MB · in the browser \d+ kB · as a saved page about 400 kB · model 90\.9 MB · free 3\.1 GB$/,
    );
    choose("locale", "ru");
    button().click();
    await page.frames();
    expect(line().textContent).toContain("модель 90,9 МБ");
    button().click();
    expect(line().hidden).toBe(true);
  });

  it("says what the page holds where no kernel answers", async () => {
    await open();
    host.send = () => {
      throw new Error("closed");
    };
    button().click();
    await page.frames();
    expect(line().textContent).toMatch(/^in the browser \d+ kB$/);
  });
});
