/** Light or dark: what the notebook says of itself, else the system. */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { onAbort } from "./dom";

/** JupyterLab and Notebook, VS Code, marimo, Quarto, Colab and other pages: null if they don't say. */
function hostIsDark(document: Document): boolean | null {
  const { body, documentElement: root } = document;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false";
  if (body.dataset.vscodeThemeKind) {
    return /dark|^vscode-high-contrast$/.test(body.dataset.vscodeThemeKind);
  }
  for (const element of [body, root]) {
    const { theme, bsTheme } = element.dataset;
    const said = theme ?? bsTheme ?? element.getAttribute("theme"); // the last is Colab's
    if (element.classList.contains("dark") || said === "dark") return true;
    if (element.classList.contains("light") || said === "light") return false;
  }
  return null;
}

export function hostTheme(document: Document, abort: AbortSignal): ReadonlySignal<boolean> {
  const system = document.defaultView?.matchMedia?.("(prefers-color-scheme: dark)");
  const read = () => hostIsDark(document) ?? system?.matches ?? false;
  const dark = signal(read());
  const update = () => {
    dark.value = read();
  };
  const observer = new MutationObserver(update);
  for (const element of [document.body, document.documentElement]) {
    observer.observe(element, {
      attributeFilter: [
        "class",
        "theme",
        "data-theme",
        "data-bs-theme",
        "data-jp-theme-light",
        "data-vscode-theme-kind",
      ],
    });
  }
  onAbort(abort, () => observer.disconnect());
  system?.addEventListener("change", update, { signal: abort });
  return dark;
}
