import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { textBox } from "../../../js/shell/text_box";
import type { State } from "../../../js/trace/contract";
import { connectKernel } from "../../../js/transport/kernel";
import { live } from "../helpers/connection";
import { settled } from "../helpers/host";
import { all, one, openPage, press } from "../helpers/page";
import { type Connected, connected, metaOf } from "../helpers/state";

let box: HTMLElement;
let widget: Connected;

beforeEach(() => {
  openPage();
  box = document.createElement("div");
  document.body.append(box);
});

afterEach(() => {
  widget.controller.abort();
  document.body.replaceChildren();
});

function show(change: Partial<State> = {}): void {
  widget = connected(change);
  const { host, state, controller } = widget;
  textBox(box, state, connectKernel(host, live(), controller.signal), controller.signal);
}

const [FIRST, SECOND] = [0, 1];
const input = (which = FIRST): HTMLTextAreaElement => {
  const found = all<HTMLTextAreaElement>(box, "textarea")[which];
  if (!found) throw new Error("no such box");
  return found;
};
const button = () => one<HTMLButtonElement>(box, "button");
const failure = () => one(box, "[role=alert]");

function type(text: string, which = FIRST): void {
  input(which).value = text;
  input(which).dispatchEvent(new Event("input", { bubbles: true }));
}

function submit(): void {
  one<HTMLFormElement>(box, "form").requestSubmit();
}

const runs = () => widget.host.runRequests.map(({ text, text_pair }) => [text, text_pair]);

async function reply(error?: string): Promise<void> {
  const id = widget.host.runRequests.at(-1)?.id;
  widget.host.message(error === undefined ? { id } : { id, error });
  await settled();
}

describe("another text", () => {
  it("is sent by Enter, once, and not as a line break", () => {
    show();
    expect(input().value).toBe("a small novel .");
    type("purple");
    expect(runs()).toEqual([]);
    expect(press(input(), "Enter").defaultPrevented).toBe(true);
    expect(runs()).toEqual([["purple", null]]);
  });

  it("is sent by the button", () => {
    show();
    type("purple");
    submit();
    expect(runs()).toEqual([["purple", null]]);
  });

  it("may have lines: Shift and Enter breaks one", () => {
    show();
    expect(press(input(), "Enter", { shiftKey: true }).defaultPrevented).toBe(false);
    expect(runs()).toEqual([]);
  });

  it("is not sent by the Enter that ends a composition, as of Chinese", () => {
    show();
    expect(press(input(), "Enter", { isComposing: true }).defaultPrevented).toBe(false);
    expect(runs()).toEqual([]);
  });

  it("goes with the second text, where there is one", () => {
    show({ text_pair: "and a pair" });
    expect(input(SECOND).hidden).toBe(false);
    expect(input(SECOND).value).toBe("and a pair");
    type("another pair", SECOND);
    press(input(SECOND), "Enter");
    expect(runs()).toEqual([["a small novel .", "another pair"]]);
  });

  it("has no second box without a second text", () => {
    show();
    expect(input(SECOND).hidden).toBe(true);
  });

  it("is sent as it was typed", () => {
    show();
    type("  <b>\n</script> 日本 ");
    press(input(), "Enter");
    expect(runs()).toEqual([["  <b>\n</script> 日本 ", null]]);
  });

  it("is marked as not yet run", () => {
    show();
    const isMarked = () => button().classList.contains("aw-changed");
    expect(isMarked()).toBe(false);
    type("purple");
    expect(isMarked()).toBe(true);
    type("a small novel .");
    expect(isMarked()).toBe(false);
  });

  it("set in Python stands in the box", () => {
    show();
    type("half typed");
    widget.host.receive({ text: "from Python", text_pair: "two" });
    expect(input().value).toBe("from Python");
    expect(input(SECOND).value).toBe("two");
    expect(button().classList.contains("aw-changed")).toBe(false);
  });
});

describe("Escape", () => {
  it("brings back the text that is shown, and takes the error away", async () => {
    show({ text_pair: "pair" });
    type("purple");
    type("other", SECOND);
    press(input(), "Enter");
    await reply("the text is too long");
    expect(failure().hidden).toBe(false);
    press(input(), "Escape");
    expect(input().value).toBe("a small novel .");
    expect(input(SECOND).value).toBe("pair");
    expect(failure().hidden).toBe(true);
    expect(button().classList.contains("aw-changed")).toBe(false);
  });
});

describe("a failure", () => {
  it("is shown in Python's words, as text, and the typed text stays", async () => {
    show();
    type("too long");
    press(input(), "Enter");
    await reply("text has 600 tokens; allowed: up to 512 <img src=x>");
    expect(failure().textContent).toBe("text has 600 tokens; allowed: up to 512 <img src=x>");
    expect(failure().hidden).toBe(false);
    expect(box.querySelector("img")).toBeNull();
    expect(input().value).toBe("too long");
    expect(widget.state.text.value).toBe("a small novel .");
    expect(button().disabled).toBe(false);
  });

  it("goes when the next run succeeds", async () => {
    show();
    type("x");
    press(input(), "Enter");
    await reply("no");
    press(input(), "Enter");
    expect(failure().hidden).toBe(true);
    widget.host.receive({ text: "x", meta: metaOf("x", { run: 2 }) });
    await reply();
    expect(failure().hidden).toBe(true);
    expect(input().value).toBe("x");
  });
});

describe("while the model runs", () => {
  it("nothing more is sent, and that is to be seen", async () => {
    show();
    expect(button().textContent).toBe("Run");
    type("x");
    press(input(), "Enter");
    expect(button().disabled).toBe(true);
    expect(button().textContent).toBe("Running …");
    expect(box.hasAttribute("data-busy")).toBe(true);
    press(input(), "Enter");
    submit();
    expect(runs()).toHaveLength(1);
    await reply();
    expect(button().disabled).toBe(false);
    expect(button().textContent).toBe("Run");
    expect(box.hasAttribute("data-busy")).toBe(false);
  });

  it("for Python's sake nothing is sent either", () => {
    show({ busy: true });
    expect(button().disabled).toBe(true);
    press(input(), "Enter");
    expect(runs()).toEqual([]);
    widget.host.receive({ busy: false });
    expect(button().disabled).toBe(false);
    press(input(), "Enter");
    expect(runs()).toHaveLength(1);
  });
});

describe("without a model, as of a saved trace", () => {
  it("the text is there to read", () => {
    show({
      meta: metaOf("a small no|vel .", { read_only: "trace" }),
      text_pair: "pair",
    });
    expect([FIRST, SECOND].map((which) => input(which).readOnly)).toEqual([true, true]);
    expect(button().hidden).toBe(true);
    press(input(), "Enter");
    submit();
    expect(runs()).toEqual([]);
  });
});

describe("the end", () => {
  it("nothing is sent any more", () => {
    show();
    widget.controller.abort();
    press(input(), "Enter");
    expect(runs()).toEqual([]);
    expect(widget.host.listenerCount).toBe(0);
  });
});
