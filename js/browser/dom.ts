/** Nodes by hand. Text goes in as text nodes only: tokens are data, never markup. */

import { guarded } from "./guard";
import { finenessOf } from "./zoom";

type Child = Node | string;

/** Attributes, or `aria-*`/`data-*`; a class list goes by `class`. */
type Attributes = Record<string, string | number | boolean>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children);
  return node;
}

/** Words in a node that is there only while there are any. */
export function showWords(node: HTMLElement, words: string): void {
  node.hidden = !words;
  if (node.textContent !== words) node.textContent = words;
}

/** Listens until aborted. */
export function on<K extends keyof HTMLElementEventMap>(
  node: HTMLElement,
  type: K,
  abort: AbortSignal,
  act: (event: HTMLElementEventMap[K]) => void,
): void {
  node.addEventListener(type, act, { signal: abort });
}

/** Once, when it is aborted. */
export const onAbort = (abort: AbortSignal, act: () => void): void =>
  abort.addEventListener("abort", act, { once: true });

export function button(
  label: string,
  attributes: Attributes,
  abort: AbortSignal,
  click: (event: MouseEvent) => void,
): HTMLButtonElement {
  const node = h("button", { type: "button", class: "aw-button", ...attributes }, label);
  on(node, "click", abort, click);
  return node;
}

export function select<T extends string>(
  label: string,
  options: readonly (readonly [T, string])[],
  abort: AbortSignal,
  change: (value: T) => void,
): { element: HTMLElement; set(value: T): void; off(values: readonly T[]): void } {
  const list = h("select", { class: "aw-select" });
  for (const [value, text] of options) list.append(h("option", { value }, text));
  on(list, "change", abort, () => change(list.value as T));
  return {
    element: h("label", { class: "aw-field" }, h("span", {}, label), list),
    set: (value) => {
      list.value = value;
    },
    off: (values) => {
      for (const option of list.options) option.disabled = values.includes(option.value as T);
    },
  };
}

/** A canvas of this size in CSS pixels, sharp on any screen. Drawing state is reset. */
export function fitCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const scale = finenessOf(canvas);
  const [w, t] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w || canvas.height !== t) {
    canvas.width = w;
    canvas.height = t;
  }
  // Half as wide on a screen twice as fine has as many pixels as before.
  if (canvas.style.width !== `${width}px`) canvas.style.width = `${width}px`;
  if (canvas.style.height !== `${height}px`) canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context?.setTransform(scale, 0, 0, scale, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

/**
 * Calls back at most once a frame, however often it is asked, and only while the element is laid
 * out. JupyterLab takes its page out of sight for less than a frame when it changes theme, which
 * no observer sees: what was asked then is done a frame later.
 */
export function onceAFrame(element: Element, abort: AbortSignal, run: () => void): () => void {
  let frame = 0;
  const draw = guarded(abort, run);
  onAbort(abort, () => cancelAnimationFrame(frame));
  const ask = (again: boolean) => {
    if (frame || abort.aborted) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (element.clientWidth) draw();
      else if (again) ask(false);
    });
  };
  return () => ask(true);
}

/**
 * Whenever the element's size or the fineness of the screen changes, and once at the start: not
 * while it is hidden, which has no size, but when it comes into sight.
 */
export function onResize(element: Element, abort: AbortSignal, run: () => void): void {
  const measure = guarded(abort, () => {
    if (element.clientWidth) run();
  });
  const observer = new ResizeObserver(measure);
  observer.observe(element);
  onAbort(abort, () => observer.disconnect());
  onFineness(abort, measure);
  window.addEventListener("resize", measure, { signal: abort }); // which may change the zoom
}

/** When the browser zooms, or the window moves to a screen of another resolution. */
function onFineness(abort: AbortSignal, run: () => void): void {
  const wait = () => {
    const now = window.matchMedia?.(`(resolution: ${window.devicePixelRatio}dppx)`);
    const changed = () => {
      run();
      wait();
    };
    now?.addEventListener("change", changed, { once: true, signal: abort });
  };
  if (!abort.aborted) wait();
}
