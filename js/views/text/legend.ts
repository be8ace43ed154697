/** The legend of the text: one scale, in one colour or in that of each pin. */

import { h } from "../../browser/dom";
import type { LegendItem } from "../../draw/figure";
import { plainColour } from "../../draw/palette";
import type { Range } from "../../draw/range";
import { alikeInWords, beyondInWords } from "../../draw/scale_words";
import { heatClass, heatStep } from "../../draw/scales";
import { inIsolation } from "../../language/direction";
import type { Say } from "../../language/say";
import { HUES } from "./passage";

export interface Scale {
  range: Range;
  say: Say;
  steps: number;
  /** A score as an end of the scale. */
  end(score: number): string;
  /** 0 is in the middle, and named. */
  diverging: boolean;
  /** Names of what each colour stands for; none for the one scale. */
  names: readonly string[];
}

export interface Legend {
  set(scale: Scale | null): void;
  /** As it stands on the screen. */
  items(): LegendItem[];
}

export function textLegend(element: HTMLElement): Legend {
  const low = h("span", { class: "aw-legend-low" });
  const high = h("span", { class: "aw-legend-high" });
  const zero = h("small", {}, "0");
  const beyond = h("span", { class: "aw-legend-beyond" });
  const ramps = h("span", { class: "aw-ramp aw-ramp-heat", "aria-hidden": "true" });
  element.append(
    h(
      "span",
      { class: "aw-legend-item" },
      low,
      h("span", { class: "aw-ramp-frame" }, ramps, zero),
      high,
      beyond,
    ),
  );
  let names: readonly string[] = [];
  let drawn = "";
  return {
    set(scale) {
      names = scale?.names.length ? scale.names : [""];
      const { range, say, end } = scale ?? {};
      const isFlat = range?.flat ?? false;
      if (!range || !say || !end) low.textContent = high.textContent = beyond.textContent = "";
      else {
        low.textContent = isFlat ? alikeInWords(say, range, end) : end(range.low);
        high.textContent = isFlat ? "" : (scale?.diverging ? "+" : "") + end(range.high);
        beyond.textContent = beyondInWords(say, range, end).join(" · ");
      }
      ramps.hidden = !scale;
      zero.hidden = !scale?.diverging;
      const steps = scale?.steps ?? 0;
      const hues = scale?.names.length ?? 0;
      if (drawn === `${steps} ${hues} ${isFlat}`) return;
      drawn = `${steps} ${hues} ${isFlat}`;
      const shown = Array.from({ length: steps }, (_, step) =>
        isFlat ? heatStep(0, [0, 0], steps) : step,
      );
      ramps.replaceChildren(
        ...(hues ? names.map((_, hue) => rampOf(shown, hue % HUES)) : [rampOf(shown, null)]),
      );
    },
    items: () =>
      [...ramps.children].flatMap((ramp, index) => {
        const steps = [...ramp.children].flatMap((step) => {
          const { colour } = plainColour(getComputedStyle(step).backgroundColor) ?? {};
          return colour ?? [];
        });
        const ends = {
          low: low.textContent,
          high: [high.textContent, beyond.textContent].filter(Boolean).join("  "),
          label: inIsolation(names[index] ?? ""),
        };
        return steps.length ? [{ ramp: steps, ...ends }] : [];
      }),
  };
}

const rampOf = (steps: readonly number[], hue: number | null): HTMLElement =>
  h(
    "span",
    { class: "aw-ramp-row" },
    ...steps.map((step) =>
      h("i", { class: heatClass(step) + (hue === null ? "" : ` aw-hue-${hue}`) }),
    ),
  );
