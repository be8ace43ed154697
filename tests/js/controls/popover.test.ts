/** What can be seen of it without a page that is laid out; tests/browser/test_popover.py has the rest. */

import { afterEach, beforeEach, expect, it } from "vitest";
import { h } from "../../../js/browser/dom";
import { type Popover, popover } from "../../../js/controls/popover";
import { all, openPage, press } from "../helpers/page";

let controller: AbortController;
let parts: Popover;

beforeEach(() => {
  openPage();
  controller = new AbortController();
  const attributes = { class: "own", title: "Heads" };
  parts = popover("Which heads", attributes, ["one", h("b", {}, "two")], controller.signal);
  document.body.append(parts.opener, parts.box);
});

afterEach(() => {
  controller.abort();
  document.body.replaceChildren();
});

const expanded = () => parts.opener.getAttribute("aria-expanded");

it("is a button and a box with a name", () => {
  expect(parts.box.getAttribute("aria-label")).toBe("Which heads");
  expect(parts.box.textContent).toBe("onetwo");
  expect([parts.opener.className, parts.opener.title]).toEqual(["own", "Heads"]);
  expect(parts.opener.popoverTargetElement).toBe(parts.box);
  expect(all(document.body, "button, [popover]")).toEqual([parts.opener, parts.box]); // as Tab goes
});

it("says whether it is open", () => {
  expect(expanded()).toBe("false");
  parts.box.showPopover();
  expect(expanded()).toBe("true");
  parts.close();
  expect(expanded()).toBe("false");
});

it("takes Escape for itself while it is open, and gives the focus back", () => {
  const heard: string[] = [];
  document.body.addEventListener("keydown", ({ key }) => heard.push(key), {
    signal: controller.signal,
  });
  press(document.body, "Escape");
  expect(heard).toEqual(["Escape"]);
  parts.box.showPopover();
  expect(press(document.body, "a").defaultPrevented).toBe(false);
  expect(press(document.body, "Escape").defaultPrevented).toBe(true);
  expect(heard).toEqual(["Escape", "a"]);
  expect(expanded()).toBe("false");
  expect(document.activeElement).toBe(parts.opener);
  press(document.body, "Escape");
  expect(heard).toEqual(["Escape", "a", "Escape"]);
});

it("leaves Escape to a control in it that has a use for it", () => {
  const heard: string[] = [];
  document.body.addEventListener("keydown", ({ key }) => heard.push(key), {
    signal: controller.signal,
  });
  const field = parts.box.appendChild(document.createElement("input"));
  field.value = "purple";
  field.addEventListener("keydown", (event) => {
    if (!field.value) return;
    field.value = "";
    event.preventDefault();
  });
  parts.box.showPopover();
  field.focus();
  press(field, "Escape");
  expect(field.value).toBe("");
  expect(expanded()).toBe("true");
  press(field, "Escape");
  expect(expanded()).toBe("false");
  expect(document.activeElement).toBe(parts.opener);
  expect(heard).toEqual([]); // what fills the window stays
});

it("hears nothing after the end", () => {
  parts.box.showPopover();
  controller.abort();
  expect(press(document.body, "Escape").defaultPrevented).toBe(false);
});
