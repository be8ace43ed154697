import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { textBox } from "../../../js/shell/text_box";
import { EXAMPLES } from "../../../js/shell/texts/examples";
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
const button = () => one<HTMLButtonElement>(box, ".aw-run");
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

  it("brings the button that runs it", () => {
    show();
    expect(button().hidden).toBe(true); // nothing is to be run
    type("purple");
    expect(button().hidden).toBe(false);
    type("a small novel .");
    expect(button().hidden).toBe(true);
  });

  it("set in Python stands in the box", () => {
    show();
    type("half typed");
    widget.host.receive({ text: "from Python", text_pair: "two" });
    expect(input().value).toBe("from Python");
    expect(input(SECOND).value).toBe("two");
    expect(button().hidden).toBe(true);
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
    expect(button().hidden).toBe(true);
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

describe("a text that is too long", () => {
  const tooLong = async () => {
    type("long");
    press(input(), "Enter");
    const { id } = widget.host.runRequests.at(-1) ?? {};
    const reason = { code: "too_long", tokens: 600, limit: 512 };
    widget.host.message({ id, error: "pass truncation=True", reason });
    await settled();
  };

  it("is said in the reader's language, with the button that cuts it", async () => {
    show();
    await tooLong();
    expect(failure().textContent).toBe(
      "This text has 600 tokens; the model reads up to 512. Shorten to 512 tokens",
    );
    one(failure(), "button").click();
    expect(failure().hidden).toBe(true);
    expect(widget.host.runRequests.at(-1)).toMatchObject({ text: "long", truncation: true });
    widget.host.receive({ text: "long", meta: metaOf("long", { run: 2 }) });
    await reply();
    press(input(), "Enter");
    expect(widget.host.runRequests.at(-1)).not.toHaveProperty("truncation"); // asked for once
  });

  it("is no longer blamed once it is another one", async () => {
    show();
    await tooLong();
    type("shorter");
    expect(failure().hidden).toBe(true);
  });
});

describe("examples", () => {
  const opener = () => one(box, ".aw-open-examples");
  const isOffered = () => !opener().parentElement?.hidden;

  it("are run at a click", () => {
    show();
    expect(isOffered()).toBe(true);
    const examples = all(box, "[data-example]");
    expect(examples).toHaveLength(Object.keys(EXAMPLES).length);
    examples[0]?.click();
    expect(runs()).toEqual([[EXAMPLES.meanings.text.en, null]]);
    expect(input().value).toBe(EXAMPLES.meanings.text.en);
  });

  it("are there for a model that reads one text", () => {
    show();
    widget.host.receive({ text_pair: "pair" });
    expect(isOffered()).toBe(false);
    widget.host.receive({ text_pair: null });
    expect(isOffered()).toBe(true);
    widget.host.receive({ meta: metaOf("a", { run: 2, read_only: "chat" }) });
    expect(isOffered()).toBe(false);
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
