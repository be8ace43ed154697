import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hostTheme } from "../../../js/browser/theme";
import { openPage, type Page } from "../helpers/page";

let page: Page;
let controller: AbortController;

function clear(): void {
  for (const element of [document.body, document.documentElement]) {
    for (const { name } of [...element.attributes]) element.removeAttribute(name);
  }
}

beforeEach(() => {
  page = openPage();
  controller = new AbortController();
  clear();
});

afterEach(() => {
  controller.abort();
  clear();
});

const isDark = () => hostTheme(document, controller.signal);

/** Observers of attributes are told in a microtask. */
const noticed = () => new Promise((done) => setTimeout(done));

describe("what the notebook says of itself", () => {
  it.each([
    ["JupyterLab, Notebook", "body", { "data-jp-theme-light": "false" }, true],
    ["JupyterLab, Notebook", "body", { "data-jp-theme-light": "true" }, false],
    ["VS Code", "body", { "data-vscode-theme-kind": "vscode-dark" }, true],
    ["VS Code", "body", { "data-vscode-theme-kind": "vscode-light" }, false],
    ["VS Code", "body", { "data-vscode-theme-kind": "vscode-high-contrast" }, true],
    ["VS Code", "body", { "data-vscode-theme-kind": "vscode-high-contrast-light" }, false],
    ["marimo", "body", { class: "dark dark-theme" }, true],
    ["marimo", "body", { class: "light light-theme" }, false],
    ["marimo", "html", { "data-theme": "dark" }, true],
    ["a page", "html", { class: "dark" }, true],
    ["a page", "html", { "data-theme": "light" }, false],
    ["Quarto, Bootstrap", "html", { "data-bs-theme": "dark" }, true],
    ["Quarto, Bootstrap", "body", { "data-bs-theme": "light" }, false],
  ] as const)("%s: <%s> with %j is dark: %s", (_, tag, attributes, expected) => {
    page.system.matches = !expected; // the notebook goes before the system
    const element = document.querySelector(tag);
    for (const [name, value] of Object.entries(attributes)) element?.setAttribute(name, value);
    expect(isDark().value).toBe(expected);
  });

  it.each([true, false])("a page that says nothing follows the system (dark: %s)", (dark) => {
    page.system.matches = dark;
    document.body.className = "some-class";
    document.body.dataset.theme = "";
    expect(isDark().value).toBe(dark);
  });
});

describe("a change", () => {
  it("of the notebook is followed", async () => {
    document.body.dataset.jpThemeLight = "true";
    const dark = isDark();
    document.body.dataset.jpThemeLight = "false";
    await noticed();
    expect(dark.value).toBe(true);
    document.body.dataset.jpThemeLight = "true";
    await noticed();
    expect(dark.value).toBe(false);
  });

  it("of a class, on the body or the root, is followed", async () => {
    const dark = isDark();
    document.documentElement.classList.add("dark");
    await noticed();
    expect(dark.value).toBe(true);
    document.documentElement.classList.replace("dark", "light");
    await noticed();
    expect(dark.value).toBe(false);
    document.body.classList.add("dark");
    await noticed();
    expect(dark.value).toBe(true);
  });

  it("of the system is followed, but not against the notebook", () => {
    const dark = isDark();
    page.system.set(true);
    expect(dark.value).toBe(true);
    document.body.dataset.jpThemeLight = "true";
    page.system.set(true);
    expect(dark.value).toBe(false);
  });

  it("is not followed after the end", async () => {
    const dark = isDark();
    controller.abort();
    document.body.dataset.jpThemeLight = "false";
    page.system.set(true);
    await noticed();
    expect(dark.value).toBe(false);
  });
});
