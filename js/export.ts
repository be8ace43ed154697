/** Entry of a saved page: the same widget, on what the page carries. */

import { effect, type ReadonlySignal, signal } from "@preact/signals-core";
import { h, showWords } from "./browser/dom";
import { placeOf } from "./language/descriptions";
import { inLanguage, languageOf, type Text, type Values } from "./language/say";
import {
  type Archive,
  FORMAT,
  hasAfter,
  hasLayer,
  hasWindow,
  openArchive,
  Unreadable,
} from "./saved/archive";
import { atlasOf } from "./saved/atlas_archive";
import type { Missing } from "./saved/choices";
import { embeddedSource, type Reasons } from "./saved/embedded_source";
import { linkOf, stateOf } from "./saved/link";
import { type PageHost, pageHost } from "./saved/page_host";
import { EXPORT } from "./saved/texts";
import type { TensorSource } from "./tensors/source";
import { isAtlasAlone } from "./trace/alone";
import { declareRounding } from "./trace/exactness";
import { type AnswerTo, nameOf, type Question } from "./trace/questions";
import { readKey } from "./trace/tensor_key";
import { Refusal } from "./transport/kernel";
import { VIEWS } from "./views";
import { show } from "./widget";

const LINK_AFTER_MS = 300;

const say = (text: Text, values?: Values): string => {
  const root = document.querySelector(".attention-widget");
  const tag = root?.getAttribute("lang") || document.documentElement.lang;
  return inLanguage(languageOf(tag), text, values);
};

function wordsOf(error: unknown): string {
  if (!(error instanceof Unreadable)) return String(error);
  return say(EXPORT[error.why], { found: error.found, known: String(FORMAT) });
}

/** What a page lacks where it has no answer to a key: a window, or else what a view needs. */
function lackIn({ manifest }: Archive, key: string): string {
  const read = readKey(key);
  const window = read && "window" in read ? read.window : null;
  if (window !== null && !hasWindow(manifest, window)) {
    return say(EXPORT.window, placeOf(manifest.state.meta, window));
  }
  const text = lackOf(read?.name);
  if (text) return say(text);
  if (read && "layer" in read && !hasLayer(manifest, read.kind, read.layer)) {
    return say(EXPORT.attention, { layer: read.layer });
  }
  return key;
}

function lackOf(name: string | undefined): Text | null {
  const needing = Object.values(VIEWS).find(({ needs }) =>
    needs?.tensors.some((tensor) => tensor === name),
  );
  return needing?.needs?.called ?? null;
}

function sayMissing(missing: Missing): string {
  const { layer } = missing;
  const what =
    missing.what === "layer"
      ? say(EXPORT.layer, { layer })
      : say(EXPORT.heads, { layer, heads: missing.heads.join(", "), n: missing.heads.length });
  return say(EXPORT.notIncluded, { what });
}

/** Follows what is chosen in the widget. */
function languageOfWidget(cell: HTMLElement): ReadonlySignal<string> {
  const now = () => cell.querySelector(".attention-widget")?.getAttribute("lang") ?? "";
  const language = signal(now());
  const observer = new MutationObserver(() => {
    language.value = now();
  });
  observer.observe(cell, { subtree: true, attributeFilter: ["lang"] });
  return language;
}

/** The address always leads back to what is shown. */
function followLink(host: PageHost, saved: PageHost["state"]): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const addressable = /^(https?|file):$/.test(location.protocol);
  addEventListener("hashchange", () => host.update(stateOf(location.hash, saved)));
  return () => {
    clearTimeout(timer);
    if (!addressable) return;
    timer = setTimeout(() => {
      const link = linkOf(host.state, saved);
      history.replaceState(null, "", link ? `#${link}` : location.pathname + location.search);
    }, LINK_AFTER_MS);
  };
}

/** Bytes of what stands in the file, which is ASCII, but for some markup around it. */
const carriedBytes = (): number =>
  [...document.querySelectorAll("script, style")].reduce(
    (sum, { textContent }) => sum + (textContent?.length ?? 0),
    0,
  );

function mount(page: HTMLElement, archive: Archive): void {
  const { state, held, error } = archive.manifest;
  const nameIn = (question: Question, side?: number) => `${side ?? ""}${nameOf(question)}`;
  const answers = new Map(
    archive.manifest.answers.map(([asked, kept, side]) => [nameIn(asked, side), kept]),
  );
  const sideOf = (run: number) => {
    const place = state.meta.comparison?.sides.findIndex((side) => side.run === run) ?? -1;
    return place < 0 ? undefined : place;
  };
  declareRounding(error);
  const pageBytes = carriedBytes();
  const read_only = isAtlasAlone(state.meta) ? ("atlas" as const) : ("page" as const);
  const saved = { ...state, meta: { ...state.meta, read_only } };
  const lack = signal<Missing | null>(null);
  let note: () => void = () => undefined;
  let { locale } = saved;
  const host = pageHost(saved, held, (now, missing) => {
    if (missing || now.locale === locale) lack.value = missing; // in another language it is said again
    locale = now.locale;
    note();
  });
  host.update(stateOf(location.hash, saved));
  note = followLink(host, saved);
  const reasons: Reasons = {
    notIncluded: (key) => {
      const isAfter = key.startsWith("after/") && !hasAfter(archive.manifest);
      const what = isAfter ? say(EXPORT.after) : lackIn(archive, key);
      return say(EXPORT.notIncluded, { what });
    },
    unreadable: wordsOf,
  };
  const atlas = atlasOf(archive, (layer) => {
    const what = say(EXPORT.examples, { layer });
    return new Refusal(say(EXPORT.notIncluded, { what }), null, true);
  });
  const lackOfAtlas = () => say(EXPORT.notIncluded, { what: say(EXPORT.atlas) });
  const whole = embeddedSource(archive, reasons);
  const sides = (state.meta.comparison?.sides ?? []).map((_, side) =>
    embeddedSource(archive, reasons, side),
  );
  const sourceOf = (run: number) => sides[sideOf(run) ?? -1] ?? whole;
  const source: TensorSource = {
    stalled: whole.stalled,
    bytes: () => [whole, ...sides].reduce((sum, each) => sum + (each.bytes?.() ?? 0), 0),
    peek: (run, key) => sourceOf(run).peek(run, key),
    get: (run, ...rest) => sourceOf(run).get(run, ...rest),
  };
  const kernel = {
    gone: signal(false), // what a page lacks it says in words of its own
    executing: signal(null),
    cells: false,
    hasAfter: hasAfter(archive.manifest),
    pageBytes,
    late: signal(false),
    silent: signal(false),
    shortage: signal(null),
    held: signal(null),
    ask: () => Promise.reject(new Error(say(EXPORT.notIncluded, { what: say(EXPORT.run) }))),
    wish: () => [], // tensors are in the page
    async question<Q extends Question>(run: number, question: Q) {
      const told = atlas(question);
      if (told) return told as Promise<AnswerTo<Q>>;
      if (question.name.startsWith("atlas")) throw new Refusal(lackOfAtlas(), null, true);
      const kept = answers.get(nameIn(question, sideOf(run)));
      if (kept && "answer" in kept) return kept.answer as AnswerTo<Q>;
      if (question.name === "calculation" && state.meta.comparison && sideOf(run) === undefined) {
        throw new Refusal("", { code: "of_one_side" }, true);
      }
      const { error = say(EXPORT.answer), refused = !kept, reason = null } = kept ?? {};
      throw new Refusal(error, reason, refused);
    },
  };
  const lacking = h("p", { class: "aw-export-lack", role: "status" });
  const cell = h("div");
  page.replaceChildren(cell, lacking);
  show(cell, host, kernel, () => source, new AbortController().signal);
  const spoken = languageOfWidget(cell);
  effect(() => {
    void spoken.value;
    showWords(lacking, lack.value ? sayMissing(lack.value) : "");
  });
}

async function start(): Promise<void> {
  const page = document.getElementById("aw-page");
  if (!page) return;
  try {
    mount(page, await openArchive(document));
  } catch (error) {
    page.replaceChildren(h("p", { id: "aw-message", role: "alert" }, wordsOf(error)));
    if (!(error instanceof Unreadable)) throw error;
  }
}

if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", () => void start(), { once: true });
} else void start();
