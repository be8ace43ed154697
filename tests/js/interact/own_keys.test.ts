/** Keys in an element stay there, but for those that a host is to have. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepKeysFromNotebook } from "../../../js/interact/own_keys";
import { press } from "../helpers/page";

let controller: AbortController;
let root: HTMLElement;
let chip: HTMLButtonElement;
let heard: KeyboardEvent[];
const hear = (event: Event) => heard.push(event as KeyboardEvent);

beforeEach(() => {
  controller = new AbortController();
  root = document.createElement("div");
  document.body.append(root);
  keepKeysFromNotebook(root, controller.signal);
  chip = document.createElement("button"); // made later
  root.append(chip);
  heard = [];
  document.addEventListener("keydown", hear);
});

afterEach(() => {
  controller.abort();
  document.removeEventListener("keydown", hear);
  document.body.replaceChildren();
});

describe("keys in the widget", () => {
  it("are marked as none of JupyterLab's on what has the focus, whenever it was made", () => {
    chip.focus();
    expect(chip.dataset.lmSuppressShortcuts).toBe("true");
    root.focus(); // by a click beside the controls
    expect(document.activeElement).toBe(root);
    expect(root.dataset.lmSuppressShortcuts).toBe("true");
  });

  it("do not leave it, and the browser does with them what it does", () => {
    for (const key of ["x", "Enter", "ArrowDown", "Escape", "Tab", "F5"]) {
      expect(press(chip, key).defaultPrevented).toBe(false);
    }
    for (const key of ["c", "f", "r", "z", "Enter", "+"]) {
      expect(press(chip, key, { ctrlKey: true }).defaultPrevented).toBe(false);
    }
    expect(heard).toEqual([]);
  });

  it("that save or command the notebook reach it, once, as pressed beside the widget", () => {
    press(chip, "s", { ctrlKey: true });
    press(chip, "s", { metaKey: true });
    press(chip, "ы", { ctrlKey: true, code: "KeyS" });
    press(chip, "C", { ctrlKey: true, shiftKey: true });
    press(chip, "P", { ctrlKey: true, shiftKey: true });
    expect(heard.map(({ key, target }) => [key, target])).toEqual(
      ["s", "s", "ы", "C", "P"].map((key) => [key, document.body]),
    );
    press(chip, "s", { ctrlKey: true, altKey: true });
    press(chip, "C", { ctrlKey: true });
    expect(heard).toHaveLength(5);
  });

  it("that the notebook has dealt with are not the browser's too", () => {
    const deal = (event: Event) => event.preventDefault();
    document.addEventListener("keydown", deal);
    expect(press(chip, "s", { ctrlKey: true }).defaultPrevented).toBe(true);
    document.removeEventListener("keydown", deal);
    expect(press(chip, "s", { ctrlKey: true }).defaultPrevented).toBe(false);
  });

  it("reach the classic notebook, which is off while the focus is in a widget", () => {
    const keys = {
      enabled: false,
      enable: () => {
        keys.enabled = true;
      },
      disable: () => {
        keys.enabled = false;
      },
    };
    vi.stubGlobal("Jupyter", { keyboard_manager: keys });
    const wasOn: boolean[] = [];
    const note = () => wasOn.push(keys.enabled);
    document.addEventListener("keydown", note);
    chip.focus();
    press(chip, "s", { ctrlKey: true });
    expect(keys.enabled).toBe(false); // and is off again

    const leave = () => chip.blur(); // the list of commands has the focus, and sees to its keys
    document.addEventListener("keydown", leave);
    press(chip, "P", { ctrlKey: true, shiftKey: true });
    expect(keys.enabled).toBe(true);
    document.removeEventListener("keydown", leave);
    document.removeEventListener("keydown", note);
    vi.unstubAllGlobals();
    expect(wasOn).toEqual([true, true]);
  });
});
