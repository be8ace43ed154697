/** The colours of the grid of heads, and what they mean. */

import type { ReadonlySignal } from "@preact/signals-core";
import { css, mix, type Rgb, rgbIn } from "../../draw/colour";
import { type Inks, inksOf } from "../../draw/inks";
import type { LegendItem } from "../../draw/legend";
import { headColours } from "../../draw/palette";
import { sideOf } from "../../draw/range";
import { beyondInWords } from "../../draw/scale_words";
import type { AppState } from "../../state/app_state";
import type { Head } from "../../state/choose_head";
import type { AttentionKind } from "../../trace/options";
import type { Labels } from "./cell_marks";
import type { PictureStyle } from "./cell_pictures";
import type { GridData } from "./data";
import { GRID } from "./texts";
import { opacityIn, type Picture } from "./thumbnails";
import type { GridWords } from "./words";

export interface GridColours {
  pictureStyle(): PictureStyle;
  labels(): Labels;
  legend(): LegendItem[];
}

const RAMP = Array.from({ length: 17 }, (_, step) => step / 16);

export function gridColours(
  element: HTMLElement,
  state: AppState,
  data: GridData,
  words: GridWords,
  picture: ReadonlySignal<Picture>,
): GridColours {
  const { say } = state;

  function colours() {
    const inks = inksOf(element, state.dark.value);
    const of = (name: keyof Inks): Rgb => rgbIn(inks[name]);
    return {
      paper: of("paper"),
      raised: of("raised"),
      ink: of("ink"),
      soft: of("soft"),
      accent: of("accent"),
      wash: of("wash"),
      lost: of("warn"),
      low: of("heat-low"),
      high: of("heat-high"),
    };
  }

  /** Signals are read at once, so that who draws it hears of their changes. */
  function shown() {
    const { value: kind } = state.attention_kind;
    const { value: layer } = state.layer;
    const { value: heads } = state.activeHeads;
    const isLayer = (ofKind: AttentionKind, of: number | null) => ofKind === kind && of === layer;
    return {
      isLayer,
      isHead: (head: Head) => isLayer(head.kind, head.layer) && heads.includes(head.head),
    };
  }

  function pictureStyle(): PictureStyle {
    const { paper, raised, ink, wash, lost, low, high } = colours();
    const { value: number } = data.number;
    const { value: cells } = data.cells;
    const { x, y, width, height } = data.seen.value;
    const { left, top } = data.margins.value;
    const { value: summaries } = data.summaries;
    const { value: range } = data.range;
    const { isLayer } = shown();
    const heads = headColours(data.columns.value, state.dark.value).map(rgbIn);
    const { run } = state.meta.value;
    return {
      cells,
      sight: {
        left,
        top,
        x,
        y,
        width: Math.max(0, Math.min(width - left, cells.width - x)),
        height: Math.max(0, Math.min(height - top, cells.height - y)),
      },
      picture: picture.value,
      thumbnailOf: data.thumbnailOf,
      nameOf: (head) => `${run} ${data.keyOf(head)} ${head.head}`,
      inkOf: (head) => (number ? ink : (heads[head.head] ?? ink)),
      lost,
      paperOf: (head) => {
        const value = number ? summaries.of(head, number) : Number.NaN;
        if (Number.isNaN(value)) return css(number ? raised : mix(paper, raised, 0.75));
        return css(mix(low, high, range?.high ? Math.min(1, value / range.high) : 0));
      },
      band: data.isRanked.value ? null : css(wash),
      isBand: ({ kind, layer }) => isLayer(kind, layer),
    };
  }

  function labels(): Labels {
    const { ink, soft, accent } = colours();
    const { value: number } = data.number;
    const { value: isRanked } = data.isRanked;
    const { size } = data.cells.value;
    const { value: summaries } = data.summaries;
    const { value: range } = data.range;
    const { isLayer, isHead } = shown();
    return {
      axes: isRanked ? null : { layer: say(GRID.layer), head: say(GRID.head) },
      headingOf: words.kind,
      noAttention: say(GRID.noAttention),
      captionOf: (head) => {
        const value = number ? words.short(number, summaries.of(head, number)) : "";
        const label = `${head.layer}·${head.head}`;
        if (!isRanked) return value ? [value] : [];
        return value && size >= 56 ? [label, value] : [label];
      },
      isBeyond: (head) => {
        const value = number ? summaries.of(head, number) : Number.NaN;
        return range !== null && sideOf(value, range) !== null;
      },
      isSelected: isHead,
      isShownLayer: isLayer,
      ink: css(ink),
      soft: css(soft),
      accent: css(accent),
      mark: css(ink),
    };
  }

  function legend(): LegendItem[] {
    const { raised, ink, lost, low, high } = colours();
    const { value: number } = data.number;
    const { value: range } = data.range;
    const items: LegendItem[] = [];
    if (number) {
      const isKnown = data.heads.value.some(data.summaries.value.has);
      const long = (value: number) => words.long(number, value);
      items.push({
        ramp: RAMP.map((share) => css(mix(low, high, share))),
        low: "0",
        high: isKnown && range ? long(range.high) : "…",
        beyond: isKnown && range ? beyondInWords(say, range, long) : [],
        label: words.summary(number),
      });
    }
    const drawn = picture.value;
    items.push({
      ramp: RAMP.map((weight) => css(mix(raised, ink, opacityIn(drawn, weight)))),
      low: "0",
      high: "1",
      label: say(GRID.weight),
    });
    if (data.isLossy.value) items.push({ colour: css(lost), label: "NaN" });
    return items;
  }

  return { pictureStyle, labels, legend };
}
