/** Entry of a page that shows one matrix; export/matrix.py writes it. */

import { computed, signal } from "@preact/signals-core";
import { fromBase64 } from "./browser/base64";
import { h, showWords } from "./browser/dom";
import { drawEachFrame } from "./draw/frame";
import { drawLegend } from "./draw/legend";
import { numbersIn } from "./language/numbers";
import { inLanguage, languageOf, type Say } from "./language/say";
import { heatColours } from "./plane/heat_colours";
import { heatMap } from "./plane/heat_map";
import { type Axis, matrixPicture } from "./plane/matrix_picture";
import { MATRIX } from "./plane/matrix_texts";
import { inflate } from "./saved/archive";
import { watch } from "./state/app_state";
import { pageOf } from "./state/page";

interface Described {
  rows: Axis;
  columns: Axis;
  shape: [number, number];
  dtype: "float32" | "float64";
  title: string | null;
  locale: string;
  theme: "auto" | "light" | "dark";
}

const block = (number: number): Promise<Uint8Array> =>
  inflate(fromBase64(document.getElementById(`aw-block-${number}`)?.textContent ?? ""));

/** What is around the map and must stay in sight. */
const AROUND = 150;
const LEAST = 160;

function mount(page: HTMLElement, described: Described, data: Float32Array | Float64Array): void {
  const abort = new AbortController().signal;
  const { dark, language } = pageOf(document, abort);
  const { locale, theme, title } = described;
  const spoken = languageOf(locale === "auto" ? navigator.language || language.peek() : locale);
  const say: Say = (text, values) => inLanguage(spoken, text, values);
  const state = {
    dark: computed(() => (theme === "auto" ? dark.value : theme === "dark")),
    room: signal<number | null>(null),
    numbers: numbersIn(spoken),
    say,
  };
  const picture = computed(() =>
    matrixPicture(state, described, data, heatColours(state, data, { label: say(MATRIX.number) })),
  );
  const element = h("div", { class: "attention-widget aw-matrix-page", lang: spoken });
  const map = heatMap(
    { element, state, abort, drawEachFrame: (on, draw) => drawEachFrame(on, abort, draw) },
    () => picture.value,
    { label: () => say(MATRIX.label), height: () => Math.max(LEAST, innerHeight - AROUND) },
  );
  const legend = h("div", { class: "aw-legend" });
  const note = h("p", { class: "aw-note", role: "status" });
  const words = [...(title ? [h("h1", {}, title)] : []), map.element, legend, note];
  element.append(...words);
  page.replaceChildren(element);
  watch(abort, () => {
    element.dataset.theme = state.dark.value ? "dark" : "light";
    document.documentElement.style.colorScheme = element.dataset.theme;
    drawLegend(legend, picture.value.colours.legend);
  });
  let missing = 0;
  for (const value of data) if (Number.isNaN(value)) missing++;
  const [rows, columns] = described.shape;
  const size = `${state.numbers.fixed(rows, 0)} × ${state.numbers.fixed(columns, 0)}`;
  const about = [
    say(MATRIX.size, { size }),
    ...(missing
      ? [say(MATRIX.missing, { n: missing, all: state.numbers.fixed(data.length, 0) })]
      : []),
  ].join(" ");
  watch(abort, () => {
    const { value: place } = map.place;
    const said = place ? picture.value.says(place.query, place.key) : [];
    showWords(note, said.length ? said.join(" · ") : about);
  });
}

async function start(): Promise<void> {
  const page = document.getElementById("aw-page");
  if (!page) return;
  const described = JSON.parse(new TextDecoder().decode(await block(0))) as Described;
  const { buffer } = await block(1);
  const data = described.dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
  mount(page, described, data);
}

void start();
