/** Entry of a page that shows one matrix; export/matrix.py writes it. */

import { computed, signal } from "@preact/signals-core";
import { fromBase64 } from "./browser/base64";
import { button, h, showWords } from "./browser/dom";
import { download, figureSvg, pngBlob, svgText } from "./draw/figure";
import { drawEachFrame } from "./draw/frame";
import { inksOf } from "./draw/inks";
import { drawLegend } from "./draw/legend";
import { numbersIn } from "./language/numbers";
import { inLanguage, languageOf, type Say } from "./language/say";
import { PANEL } from "./panel/texts/panel";
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

/** Of a map in a low window; in a frame, whose height was chosen for it, there is no more room. */
const LEAST = window === window.parent ? 160 : 0;

/** What is left of the window beside all that is around the map. */
function roomOf(map: Element | null): number {
  const heightOf = (node: Element | null) => node?.getBoundingClientRect().height ?? 0;
  const around = heightOf(document.body) - heightOf(map);
  return Math.max(LEAST, innerHeight - Math.ceil(around));
}

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
    { label: () => say(MATRIX.label), height: () => roomOf(element.querySelector(".aw-heat-map")) },
  );
  const legend = h("div", { class: "aw-legend" });
  const note = h("p", { class: "aw-note", role: "status" });
  let [missing, infinite] = [0, 0];
  for (const value of data) {
    if (Number.isNaN(value)) missing++;
    else if (!Number.isFinite(value)) infinite++;
  }
  const all = state.numbers.fixed(data.length, 0);
  const [rows, columns] = described.shape;
  const size = `${state.numbers.fixed(rows, 0)} × ${state.numbers.fixed(columns, 0)}`;
  const about = [
    say(MATRIX.size, { size }),
    ...(missing ? [say(MATRIX.missing, { n: missing, all })] : []),
    ...(infinite ? [say(MATRIX.infinite, { n: infinite, all })] : []),
  ].join(" ");
  /** None where no number has a place on it. */
  const scale = () => (missing + infinite < data.length ? picture.value.colours.legend : []);
  const called = title ?? document.title;
  const save = async (kind: "svg" | "png") => {
    const drawn = map.figure();
    if (!drawn) return;
    const shown = { ...drawn, legend: scale() };
    const inks = inksOf(element, state.dark.value);
    const figure = figureSvg(shown, { title: called, caption: [about] }, inks);
    const blob =
      kind === "svg"
        ? new Blob([svgText(figure)], { type: "image/svg+xml" })
        : await pngBlob(figure, 2);
    download(
      blob,
      `${called.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "matrix"}.${kind}`,
    );
  };
  const saving = (["svg", "png"] as const).map((kind) => {
    const label = say(PANEL.save, { kind: kind.toUpperCase(), title: called });
    const look = { class: "aw-button", "data-save": kind, title: label, "aria-label": label };
    return button(kind.toUpperCase(), look, abort, () => void save(kind));
  });
  const head = h("div", { class: "aw-matrix-head" }, ...(title ? [h("h1", {}, title)] : []));
  head.append(h("div", { class: "aw-matrix-actions" }, ...saving));
  element.append(head, map.element, legend, note);
  page.replaceChildren(element);
  watch(abort, () => {
    element.dataset.theme = state.dark.value ? "dark" : "light";
    document.documentElement.style.colorScheme = element.dataset.theme;
    drawLegend(legend, scale());
  });
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
