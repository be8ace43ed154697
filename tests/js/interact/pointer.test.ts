import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listenToPointer, type PointerActions } from "../../../js/interact/pointer";

let controller: AbortController;
let element: HTMLElement;
let done: unknown[];

beforeEach(() => {
  controller = new AbortController();
  element = document.createElement("div");
  done = [];
});

afterEach(() => controller.abort());

const say = (what: string) => (by: unknown, at?: unknown) => {
  done.push(at === undefined ? [what, by] : [what, by, at]);
};
const click = (at: unknown) => say("click")(at);
const zoom = say("zoom");
const pan = say("pan");
const open = (at: unknown) => say("open")(at);

function listen(actions: Omit<PointerActions, "point">): void {
  listenToPointer(element, { point: (at) => say("point")(at), ...actions }, controller.signal);
}

function fire(type: string, init: MouseEventInit & { deltaY?: number } = {}): Event {
  const kind = type === "wheel" ? WheelEvent : MouseEvent;
  const event = new kind(type, { bubbles: true, cancelable: true, ...init });
  Object.assign(event, { pointerId: 1 });
  element.dispatchEvent(event);
  return event;
}

const HERE = { x: 30, y: 40 };
const here = { clientX: 30, clientY: 40 };

describe("a pointer", () => {
  it("points, leaves, clicks", () => {
    listen({ click });
    fire("pointermove", here);
    fire("pointerdown", here);
    fire("click", here);
    fire("pointerleave");
    expect(done).toEqual([
      ["point", HERE],
      ["click", HERE],
      ["point", null],
    ]);
  });

  it("drags what can be dragged, which is no click", () => {
    listen({ click, pan });
    fire("pointerdown", here);
    fire("pointermove", { clientX: 50, clientY: 35, buttons: 1 });
    fire("pointerup");
    fire("click", here);
    expect(done).toEqual([
      ["point", null],
      ["pan", 20, -5],
    ]);
  });

  it("goes on pointing where nothing can be dragged", () => {
    listen({ click });
    fire("pointerdown", here);
    fire("pointermove", { clientX: 50, clientY: 35, buttons: 1 });
    fire("click", here);
    expect(done).toEqual([
      ["point", { x: 50, y: 35 }],
      ["click", HERE],
    ]);
  });

  it("zooms by two clicks and by a wheel with Control, about the place", () => {
    listen({ zoom });
    expect(fire("wheel", { ...here, deltaY: -100 }).defaultPrevented).toBe(false);
    expect(done).toEqual([]);
    const wheel = fire("wheel", { ...here, deltaY: -100, ctrlKey: true });
    expect(wheel.defaultPrevented).toBe(true);
    fire("dblclick", here);
    fire("dblclick", { ...here, shiftKey: true });
    expect(done.filter((_, index) => index % 2 === 0)).toEqual([
      ["zoom", Math.exp(0.4), HERE],
      ["zoom", 2, HERE],
      ["zoom", 0.5, HERE],
    ]);
    expect(done[1]).toEqual(["point", HERE]); // something else may lie there now
  });

  it("opens by two clicks what can be opened, and leaves the wheel where nothing is zoomed", () => {
    listen({ open });
    fire("dblclick", here);
    expect(done).toEqual([["open", HERE]]);
    expect(fire("wheel", { ctrlKey: true }).defaultPrevented).toBe(false);
  });
});
