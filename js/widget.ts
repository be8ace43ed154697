/** Entry: wires the notebook, the state, the source of tensors, the pickers and the views. */

import type { AnyModel, AnyWidget } from "@anywidget/types";
import { computed, signal, untracked } from "@preact/signals-core";
import { h, onAbort, showWords } from "./browser/dom";
import { keepKeysFromNotebook } from "./interact/own_keys";
import { inLanguage, languageOf } from "./language/say";
import { enlargeButton } from "./panel/actions";
import { explanationsToggle } from "./panel/explanations";
import { type Heights, panels } from "./panel/panels";
import { stage } from "./panel/stage";
import { keptAnswers } from "./saved/kept_answers";
import { keepInNotebook } from "./saved/notebook_archive";
import { notebookHost } from "./saved/notebook_host";
import { announcer } from "./shell/announcer";
import { provideChangeScale } from "./shell/change_scale";
import { comparisonLine } from "./shell/comparison_line";
import {
  connectionWords,
  type Restored,
  restoreKept,
  sourceInLanguage,
  waitingWords,
} from "./shell/connection_notice";
import { editLine } from "./shell/edit_line";
import { helpDialog } from "./shell/help";
import { hiddenControls } from "./shell/hidden";
import { atlasKeys, letGoByEscape, widgetKeys } from "./shell/keys";
import { latestOf } from "./shell/latest";
import { kindList } from "./shell/layer_list";
import { measureLine } from "./shell/measure_line";
import { memoryLine } from "./shell/memory_line";
import { modelOf } from "./shell/model";
import { provideImage } from "./shell/model_image";
import { nameLine } from "./shell/name_line";
import { offers } from "./shell/offer_line";
import { picker } from "./shell/picker";
import { settings } from "./shell/settings";
import { shortageLine, shortageWords } from "./shell/shortage_line";
import { shortcutsOf, shortcutsOfAtlas } from "./shell/shortcuts";
import { textBox } from "./shell/text_box";
import { WIDGET } from "./shell/texts/widget";
import { viewSwitches } from "./shell/view_switches";
import { type AppState, connectState, watch } from "./state/app_state";
import { measuredState } from "./state/measured_state";
import { pageOf } from "./state/page";
import type { Model } from "./tensors/answer";
import { atlasTold } from "./tensors/atlas_told";
import { calculationTold } from "./tensors/calculation_told";
import { deriving } from "./tensors/deriving";
import { influenceOf } from "./tensors/influence";
import { planeTold } from "./tensors/lens_plane";
import { prefetching } from "./tensors/prefetch";
import { rankingOf } from "./tensors/ranking";
import { kernelSource, type TensorSource } from "./tensors/source";
import { isAtlasAlone } from "./trace/alone";
import type { State } from "./trace/contract";
import { connectionOf } from "./transport/connection";
import type { Host } from "./transport/host";
import { connectKernel, type Kernel } from "./transport/kernel";
import { VIEWS } from "./views";

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
  const told = keptAnswers();
  const kernel = told.beside(connectKernel(notebook, connection, abort));
  const source = kernelSource(kernel, abort);
  const host = notebookHost(notebook, kernel.gone, abort);
  const isLive = !kernel.gone.peek();
  const held = { tensors: source.held, answers: told.held };
  if (isLive) keepInNotebook(notebook, held, abort);
  try {
    show(el, host, kernel, () => source, abort, restoreKept(host, kernel, source, told));
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
  memory: Restored = { from: "nothing" },
): void {
  const state = connectState(host, pageOf(document, abort), abort);
  const derived = deriving(prefetching(tensors(), state, abort), state);
  const source = sourceInLanguage(derived, state, kernel.cells);
  const model = modelOf(kernel, state);
  const heights: Heights = new Map();
  const root = h("div", { class: "attention-widget", role: "group" });
  keepKeysFromNotebook(root, abort);
  provideImage(root, state, source, abort);
  provideChangeScale(root, state, source, abort);
  letGoByEscape(root, state, abort);
  stage(root, state, abort);
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
    untracked(() => {
      const buildIt = isAtlasAlone(state.meta.value) ? buildAtlas : build;
      buildIt(root, state, kernel, source, model, memory, heights, content.signal);
    });
  });
  onAbort(abort, () => {
    content.abort();
    root.remove();
  });
}

function build(
  root: HTMLElement,
  state: AppState,
  kernel: Kernel,
  source: TensorSource,
  model: Model,
  memory: Restored,
  heights: Heights,
  abort: AbortSignal,
): void {
  const waiting = h("span", { class: "aw-waiting" });
  const sentence = h("div");
  const pickers = h("div");
  const views = h("div", { class: "aw-views" });
  picker(pickers, state, model, abort);
  textBox(sentence, state, kernel, abort);
  root.setAttribute("aria-label", state.say(WIDGET.name));
  const enlarge = enlargeButton("all", state.say(WIDGET.name), state, abort);
  const hidden = hiddenControls(state, VIEWS);
  const help = helpDialog(root, shortcutsOf(VIEWS), [hidden], state, abort);
  const offer = offers(state, source, abort);
  const edits = editLine(state, model, abort);
  const compared = comparisonLine(state, model, abort);
  widgetKeys(root, state, enlarge, offer.next, edits.act, abort);
  const top = h(
    "div",
    { class: "aw-top" },
    pickers,
    sentence,
    viewSwitches(VIEWS, state, abort),
    settings(
      state,
      help.open,
      [explanationsToggle(state, abort), ...memoryLine(state, kernel, source, abort)],
      abort,
    ),
    h("div", { class: "aw-actions" }, enlarge),
  );
  const words = h(
    "div",
    { class: "aw-headline" },
    nameLine(state, abort),
    waiting,
    offer.element,
    edits.element,
    compared.element,
  );
  const wait = waitingWords(state, kernel, source);
  const short = shortageLine(state, kernel, abort);
  const waits = computed(() =>
    [wait.value, shortageWords(state, kernel)].filter(Boolean).join(" "),
  );
  const notice = connectionWords(state, kernel, memory);
  const effect = latestOf(
    [
      edits.told,
      compared.told,
      rankingOf(state, model).told,
      influenceOf(state, model).told,
      planeTold(state),
      calculationTold(state),
      atlasTold(state),
    ],
    abort,
  );
  const measured = measuredState(state);
  provideChangeScale(views, measured, source, abort);
  const measure = measureLine(state, model, abort);
  const live = announcer(measured, source, { waiting: waits, notice, effect }, abort);
  const note = h("p", { class: "aw-standing" });
  root.replaceChildren(top, short, words, measure, note, views, live, help.element);
  watch(abort, () => {
    waiting.textContent = wait.value;
    showWords(note, notice.value);
  });
  panels(views, VIEWS, state, source, model, heights, abort);
}

/** An atlas alone: no text, no model to ask, and one view. */
function buildAtlas(
  root: HTMLElement,
  state: AppState,
  kernel: Kernel,
  source: TensorSource,
  model: Model,
  memory: Restored,
  heights: Heights,
  abort: AbortSignal,
): void {
  const { say } = state;
  const views = h("div", { class: "aw-views" });
  const name = say(WIDGET.atlas);
  root.setAttribute("aria-label", name);
  const enlarge = enlargeButton("all", name, state, abort);
  const help = helpDialog(root, shortcutsOfAtlas(VIEWS), [], state, abort);
  atlasKeys(root, state, enlarge, abort);
  const words = h("span", { class: "aw-waiting" });
  const headline = h("div", { class: "aw-headline" }, nameLine(state, abort), words);
  const waiting = waitingWords(state, kernel, source);
  const notice = connectionWords(state, kernel, memory);
  const note = h("p", { class: "aw-standing" });
  watch(abort, () => {
    words.textContent = waiting.value;
    showWords(note, notice.value);
  });
  const live = announcer(state, source, { waiting, notice, effect: atlasTold(state) }, abort);
  const top = h(
    "div",
    { class: "aw-top" },
    h("div", { class: "aw-picker" }, headline, kindList(state, abort)),
    settings(state, help.open, [explanationsToggle(state, abort)], abort),
    h("div", { class: "aw-actions" }, enlarge),
  );
  root.replaceChildren(top, note, views, live, help.element);
  panels(views, VIEWS, state, source, model, heights, abort);
}

export default { initialize, render } satisfies AnyWidget<State>;
