/** The legend of the text: one scale, in one colour or in that of each pin. */

import { inIsolation } from "../direction";
import { h } from "../dom";
import type { LegendItem } from "../figure";
import { plainColour } from "../palette";
import { formatNumber, heatClass } from "../scales";
import { HUES } from "./passage";

export interface Scale {
  limits: readonly [number, number];
  steps: number;
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
  const ramps = h("span", { class: "aw-ramp aw-ramp-heat", "aria-hidden": "true" });
  element.append(
    h(
      "span",
      { class: "aw-legend-item" },
      low,
      h("span", { class: "aw-ramp-frame" }, ramps, zero),
      high,
    ),
  );
  let names: readonly string[] = [];
  let drawn = "";
  return {
    set(scale) {
      names = scale?.names.length ? scale.names : [""];
      low.textContent = scale ? formatNumber(scale.limits[0]) : "";
      high.textContent = scale ? (scale.diverging ? "+" : "") + formatNumber(scale.limits[1]) : "";
      ramps.hidden = !scale;
      zero.hidden = !scale?.diverging;
      const steps = scale?.steps ?? 0;
      const hues = scale?.names.length ?? 0;
      if (drawn === `${steps} ${hues}`) return;
      drawn = `${steps} ${hues}`;
      ramps.replaceChildren(
        ...(hues ? names.map((_, hue) => rampOf(steps, hue % HUES)) : [rampOf(steps, null)]),
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
          high: high.textContent,
          label: inIsolation(names[index] ?? ""),
        };
        return steps.length ? [{ ramp: steps, ...ends }] : [];
      }),
  };
}

const rampOf = (steps: number, hue: number | null): HTMLElement =>
  h(
    "span",
    { class: "aw-ramp-row" },
    ...Array.from({ length: steps }, (_, step) =>
      h("i", { class: heatClass(step) + (hue === null ? "" : ` aw-hue-${hue}`) }),
    ),
  );
