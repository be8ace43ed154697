/** Entry: wires the notebook, the state, the source of tensors, the pickers and the views. */

import type { AnyModel, AnyWidget } from "@anywidget/types";
import { signal, untracked } from "@preact/signals-core";
import { announcer } from "./announcer";
import { connectionOf } from "./connection";
import type { State, ViewName } from "./contract";
import { button, h } from "./dom";
import { enduringHost } from "./embedded/enduring";
import { fullWindow } from "./full_window";
import { helpDialog } from "./help";
import type { Host } from "./host";
import { icon } from "./icons";
import { provideImage } from "./image";
import { keep } from "./kept";
import { connectKernel, type Kernel } from "./kernel";
import { keepKeys } from "./keys";
import { inLanguage, languageOf } from "./language";
import { spansOf } from "./layout";
import { pageOf } from "./page";
import { picker } from "./picker";
import { prefetching } from "./prefetch";
import { sized } from "./resize";
import { sentenceBox } from "./sentence";
import { settings } from "./settings";
import { kernelSource, type TensorSource } from "./source";
import { type Memory, patience, recall, spoken, standingNote, standingWords } from "./standing";
import { type AppState, connectState, watch } from "./state";
import { headline } from "./story";
import { WIDGET } from "./texts/widget";
import { ungrouped } from "./ungrouped";
import { gridView } from "./views/grid";
import { linesView } from "./views/lines";
import { matrixView } from "./views/matrix";
import { neuronView } from "./views/neuron";
import { textView } from "./views/text";
import { tokensView } from "./views/tokens";

type View = (
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
) => void;

const VIEWS: Record<ViewName, View> = {
  lines: linesView,
  grid: gridView,
  neuron: (element, state, ...rest) => neuronView(element, ungrouped(state), ...rest),
  matrix: matrixView,
  tokens: (element, state, ...rest) => tokensView(element, ungrouped(state), ...rest),
  text: textView,
};

/** Nobody waits for the reply: the ids of views begin at 1. */
const READY = { id: 0, kind: "ready" } as const;

/** A kernel that hears nothing shows a saved page instead; this comes before any view does. */
function initialize({ model }: { model: AnyModel<State> }): void {
  model.send(READY);
}

function render({ model, el }: { model: AnyModel<State>; el: HTMLElement }): () => void {
  const controller = new AbortController();
  const abort = controller.signal;
  const notebook = model as unknown as Host;
  const connection = connectionOf(el, notebook.widget_manager, abort);
  const kernel = connectKernel(notebook, connection, abort);
  const source = kernelSource(kernel, abort);
  const host = enduringHost(notebook, kernel.gone, abort);
  const isLive = !kernel.gone.peek();
  if (isLive) keep(notebook, source.held, abort);
  try {
    show(el, host, kernel, () => source, abort, recall(host, kernel, source));
  } catch (error) {
    controller.abort();
    if (isLive) throw error;
    el.replaceChildren(unreadable(error)); // a state that was saved may be anything
  }
  return () => controller.abort();
}

function unreadable(error: unknown): HTMLElement {
  const language = languageOf(document.documentElement.lang);
  const words = inLanguage(language, WIDGET.malformed, { why: String(error) });
  return h("p", { class: "aw-unreadable", role: "alert" }, words);
}

/** The widget in an element, until aborted; a saved page has a host of its own. */
export function show(
  el: HTMLElement,
  host: Host,
  kernel: Kernel,
  tensors: () => TensorSource,
  abort: AbortSignal,
  memory: Memory = { from: "nothing" },
): void {
  const state = connectState(host, pageOf(document, abort), abort);
  const source = spoken(prefetching(tensors(), state, abort), state, kernel.cells);
  const heights: Heights = new Map();
  const root = h("div", { class: "attention-widget", role: "group" });
  keepKeys(root, abort);
  provideImage(root, state, source, abort);
  el.append(root);

  watch(abort, () => {
    root.dataset.theme = state.dark.value ? "dark" : "light";
    root.toggleAttribute("data-busy", state.busy.value);
  });
  let content = new AbortController();
  let wasGone = kernel.gone.peek();
  const cameBack = signal(0); // what was refused is asked for again
  watch(abort, () => {
    const { value: isGone } = kernel.gone;
    if (wasGone && !isGone) cameBack.value = cameBack.peek() + 1;
    wasGone = isGone;
  });
  watch(abort, () => {
    void cameBack.value;
    root.lang = state.language.value; // all that is said, is said anew
    content.abort();
    content = new AbortController();
    untracked(() => build(root, state, kernel, source, memory, heights, content.signal));
  });
  abort.addEventListener(
    "abort",
    () => {
      content.abort();
      root.remove();
    },
    { once: true },
  );
}

function build(
  root: HTMLElement,
  state: AppState,
  kernel: Kernel,
  source: TensorSource,
  memory: Memory,
  heights: Heights,
  abort: AbortSignal,
): void {
  const name = h("span", { class: "aw-model" });
  const waiting = h("span", { class: "aw-waiting" });
  const sentence = h("div");
  const pickers = h("div");
  const views = h("div", { class: "aw-views" });
  sentenceBox(sentence, state, kernel, abort);
  picker(pickers, state, abort);
  root.setAttribute("aria-label", state.say(WIDGET.name));
  const full = fullWindow(root, abort);
  const enlarge = button("", { "data-action": "enter" }, abort, () => void full.toggle());
  const help = helpDialog(root, state, abort);
  const top = h(
    "div",
    { class: "aw-top" },
    name,
    waiting,
    settings(state, help.open, abort),
    h("div", { class: "aw-actions" }, enlarge),
  );
  const wait = patience(state, kernel, source);
  const standing = standingWords(state, kernel, memory);
  const live = announcer(state, source, { waiting: wait, standing }, abort);
  const note = standingNote(standing, abort);
  root.replaceChildren(top, note, sentence, pickers, views, live, help.element);
  watch(abort, () => {
    const label = state.say(full.on.value ? WIDGET.leave : WIDGET.enter);
    enlarge.title = label;
    enlarge.setAttribute("aria-label", label);
    enlarge.replaceChildren(icon(full.on.value ? "leave" : "enter"));
  });

  watch(abort, () => {
    name.textContent = headline(state.meta.value, state.say);
  });
  watch(abort, () => {
    waiting.textContent = wait.value;
  });
  mountViews(views, state, source, heights, abort);
}

/** Those that the reader chose, as in the style sheet; a view that is built anew keeps its own. */
type Heights = Map<ViewName, string>;

/** In the order of the trait; a view that stays keeps its nodes and its scroll position. */
function mountViews(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  heights: Heights,
  abort: AbortSignal,
): void {
  const mounted = new Map<ViewName, { node: HTMLElement; controller: AbortController }>();
  const noteHeight = (name: ViewName, node: HTMLElement) =>
    heights.set(name, node.style.getPropertyValue("--aw-height"));
  abort.addEventListener("abort", () => {
    for (const [name, { node }] of mounted) noteHeight(name, node);
  });
  watch(abort, () => {
    const wanted = state.views.value;
    for (const [name, { node, controller }] of mounted) {
      if (wanted.includes(name)) continue;
      controller.abort();
      noteHeight(name, node);
      node.remove();
      mounted.delete(name);
    }
    for (const name of wanted) {
      if (mounted.has(name)) continue;
      const controller = new AbortController();
      abort.addEventListener("abort", () => controller.abort(), { signal: controller.signal });
      const node = h("section");
      sized(node, heights.get(name));
      mounted.set(name, { node, controller });
      untracked(() => VIEWS[name](node, state, source, controller.signal));
    }
    const spans = spansOf(wanted, state);
    wanted.forEach((name, place) => {
      const node = mounted.get(name)?.node;
      if (node) node.dataset.span = spans[place];
    });
    const order = wanted.flatMap((name) => mounted.get(name)?.node ?? []);
    order.forEach((node, place) => {
      if (element.children[place] !== node)
        element.insertBefore(node, element.children[place] ?? null);
    });
    element.dataset.views = wanted.join(" ");
  });
}

export default { initialize, render } satisfies AnyWidget<State>;
