/** What is written can be read, by the colours that base.css names: WCAG 2.2, level AA. */

import { describe, expect, it } from "vitest";
import { css, inkOn } from "../../js/draw/colour";
import { weightRampOf } from "../../js/draw/colour_maps";
import { headColours } from "../../js/draw/palette";
import { COLOUR_MAPS } from "../../js/trace/options";
import { scoreCss } from "../../js/views/neuron/table";
import { contrast, type Rgb, rgbOf } from "./helpers/colours";
import { styles } from "./helpers/styles";

const TEXT = 4.5; // 1.4.3
const PARTS = 3; // 1.4.11: edges of fields, marks, the frame of the focus

/** Text on what lies under it. */
const WRITTEN = [
  ["ink", "paper"],
  ["ink", "raised"],
  ["ink", "wash"],
  ["ink", "bar"],
  ["soft", "paper"],
  ["soft", "raised"],
  ["soft", "wash"],
  ["accent", "paper"],
  ["accent-ink", "accent"],
  ["error", "paper"],
  ["paper", "ink"], // a tooltip
] as const;

const DRAWN = [
  ["edge", "paper"],
  ["edge", "raised"],
  ["accent", "paper"],
  ["accent", "raised"],
  ["pin", "paper"],
  ["warn", "raised"],
] as const;

/** In their order: light, dark. */
const THEMES = [
  ...styles.matchAll(/\.attention-widget(?:\[data-theme="dark"\])? \{[^}]*--aw-paper[^}]*\}/g),
].map(
  ([block]) =>
    new Map(
      [...block.matchAll(/--aw-([\w-]+): (#[0-9a-f]{6});/g)].map(
        ([, name = "", colour = ""]): [string, Rgb] => [name, rgbOf(colour)],
      ),
    ),
);

/** `color-mix(in srgb, a, b share)`. */
const mixed = (a: Rgb, b: Rgb, share: number): Rgb => {
  const [x, y, z] = a.map((channel, i) => channel * (1 - share) + (b[i] ?? 0) * share);
  return [x ?? 0, y ?? 0, z ?? 0];
};

it("there are two themes that name the same colours", () => {
  expect(THEMES).toHaveLength(2);
  expect([...(THEMES[1]?.keys() ?? [])].sort()).toEqual([...(THEMES[0]?.keys() ?? [])].sort());
});

describe.each([
  ["light", 0],
  ["dark", 1],
] as const)("the %s theme", (_, theme) => {
  const colour = (name: string): Rgb => {
    const found = THEMES[theme]?.get(name);
    if (!found) throw new Error(`base.css names no --aw-${name}`);
    return found;
  };

  it.each(WRITTEN)("%s can be read on %s", (ink, paper) => {
    expect(contrast(colour(ink), colour(paper))).toBeGreaterThanOrEqual(TEXT);
  });

  it.each(DRAWN)("%s stands out from %s", (mark, paper) => {
    expect(contrast(colour(mark), colour(paper))).toBeGreaterThanOrEqual(PARTS);
  });

  it("the number of a pressed head can be read on its colour", () => {
    expect(styles).toContain("color-mix(in srgb, var(--aw-paper), var(--aw-head) 22%)");
    for (const head of headColours(144).map(rgbOf)) {
      const chip = mixed(colour("paper"), head, 0.22);
      expect(contrast(colour("ink"), chip)).toBeGreaterThanOrEqual(TEXT);
    }
  });

  const SHARES = Array.from({ length: 101 }, (_, step) => step / 100);

  it("ink that is chosen for a colour is that of the style sheet where it can be read", () => {
    expect(css(inkOn(colour("paper"), theme === 1))).toBe(css(colour("ink")));
    for (const r of SHARES) {
      for (const g of SHARES) {
        const ground: Rgb = [r, g, 1 - r];
        const ink = inkOn(ground, theme === 1);
        expect(contrast(ink, ground)).toBeGreaterThanOrEqual(TEXT);
      }
    }
  });

  it("a score of the neuron view can be read on its colour", () => {
    for (const share of SHARES.flatMap((each) => [each, -each])) {
      const ground = rgbOf(scoreCss(share, 1, theme === 1));
      expect(contrast(colour("ink"), ground)).toBeGreaterThanOrEqual(TEXT);
    }
  });

  it("a weight can be read on the bar of any head", () => {
    expect(styles).toMatch(/\.aw-softmax i \{[^}]*opacity: var\(--aw-bar-opacity\);/);
    const opacities = [...styles.matchAll(/--aw-bar-opacity: ([\d.]+);/g)];
    const opacity = Number(opacities[theme]?.[1]);
    for (const head of headColours(144).map(rgbOf)) {
      const bar = mixed(colour("bar"), head, opacity);
      expect(contrast(colour("ink"), bar)).toBeGreaterThanOrEqual(TEXT);
    }
  });

  it("what stands on the colour of a weight or a score can be read, whatever the palette", () => {
    for (const map of COLOUR_MAPS) {
      for (const own of [null, ...headColours(40)]) {
        const ramp = weightRampOf(map, theme === 1, own);
        for (const share of SHARES) {
          const ground = ramp(share);
          const ink = inkOn(ground, theme === 1);
          expect(contrast(ink, ground), `${map} ${own} ${share}`).toBeGreaterThanOrEqual(TEXT);
        }
      }
    }
  });

  it("what stands on the colour of a head can be read", () => {
    for (const head of headColours(144).map(rgbOf)) {
      expect(contrast(inkOn(head, theme === 1), head)).toBeGreaterThanOrEqual(TEXT);
    }
  });
});

it("what a reader asked of the system is kept", () => {
  expect(styles).toMatch(
    /@media \(prefers-reduced-motion: reduce\) \{[^@]*transition: none !important/,
  );
  expect(styles).toMatch(/@media \(forced-colors: active\) \{[^@]*aria-pressed="true"/);
  expect(styles).toMatch(/:focus-visible \{\s*outline: 2px solid var\(--aw-accent\)/);
  expect(styles).not.toMatch(/outline: (?:none|0)\b/);
});
