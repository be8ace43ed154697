import { describe, expect, it } from "vitest";
import { css, plainColour } from "../../../js/draw/colour";
import { colourSteps, groundOf, rampOf, weightRampOf } from "../../../js/draw/colour_maps";
import { headColours } from "../../../js/draw/palette";
import { COLOUR_MAPS, type ColourMap } from "../../../js/trace/options";
import { contrast, distance, EYES, rgbOf } from "../helpers/colours";
import { styles } from "../helpers/styles";

const THEMES = [
  ["light", false],
  ["dark", true],
] as const;

describe.each(THEMES)("on %s paper", (theme, dark) => {
  const part = styles.split('[data-theme="dark"]')[dark ? 1 : 0] ?? "";
  const hex = (name: string) => new RegExp(`--aw-${name}: (#[0-9a-f]{6})`).exec(part)?.[1] ?? "";
  const named = (name: string) => rgbOf(hex(name));
  const stepsOf = (map: ColourMap) => colourSteps(map, dark);

  it.each(COLOUR_MAPS)("%s leaves the text readable on every step", (map) => {
    const steps = stepsOf(map);
    expect(steps).toHaveLength(map === "diverging" ? 31 : 32);
    for (const { colour, ink } of steps) {
      expect(contrast(rgbOf(ink), rgbOf(colour))).toBeGreaterThanOrEqual(4.5); // WCAG 2.2, 1.4.3
    }
  });

  const paper = named("paper");
  const ONE_WAY = COLOUR_MAPS.filter((map) => map !== "diverging");

  it.each(ONE_WAY)("%s stands out from the paper more, step by step", (map) => {
    const seen = stepsOf(map).map(({ colour }) => contrast(rgbOf(colour), paper));
    seen.slice(1).forEach((now, step) => {
      expect(now).toBeGreaterThanOrEqual((seen[step] ?? 0) - 0.01);
    });
    expect(seen.at(-1)).toBeGreaterThan(4.5);
  });

  it.each(COLOUR_MAPS)("%s has no colour for a weight of 0, and its own for one of 1", (map) => {
    const ramp = rampOf(map, dark);
    const faded = weightRampOf(map, dark);
    expect(faded(0)).toEqual(groundOf(dark));
    expect(contrast(faded(0), paper)).toBeLessThan(1.2);
    expect(css(faded(1))).toBe(css(ramp(1)));
    expect(contrast(faded(1), paper)).toBeGreaterThan(3);
  });

  it("viridis and cividis are Matplotlib's at the ends, the strong end away from the paper", () => {
    const ends = (map: "viridis" | "cividis") => {
      const steps = stepsOf(map).map(({ colour }) => colour);
      return [steps[0], steps.at(-1)];
    };
    const inTheme = (ends: string[]) => (dark ? ends : ends.reverse());
    expect(ends("viridis")).toEqual(inTheme(["rgb(68 1 84)", "rgb(253 231 37)"]));
    expect(ends("cividis")).toEqual(inTheme(["rgb(0 34 78)", "rgb(254 232 56)"]));
  });

  it("the diverging map is a grey at 0, and other than it at the ends for every eye", () => {
    const steps = stepsOf("diverging").map(({ colour }) => rgbOf(colour));
    const [low, zero, high] = [steps[0], steps[15], steps[30]];
    if (!low || !zero || !high) throw new Error("no steps");
    expect(new Set(zero).size).toBe(1);
    for (const eye of EYES) {
      expect(distance(low, high, eye)).toBeGreaterThan(0.2);
      expect(distance(low, zero, eye)).toBeGreaterThan(0.2);
      expect(distance(high, zero, eye)).toBeGreaterThan(0.2);
    }
  });

  it("what is automatic is purple for scores, and the head's colour for its weights", () => {
    expect(stepsOf("auto")).toEqual(stepsOf("purple"));
    const [, second] = headColours(2);
    expect(css(rampOf("auto", dark, second)(1))).toBe(second);
    expect(rampOf("red", dark, second)(1)).toEqual(rampOf("red", dark)(1));
  });

  it("the colours of pins leave the text readable, and are apart for every eye", () => {
    const hues = [0, 1, 2, 3, 4, 5].map((hue) => named(`hue-${hue}`));
    hues.forEach((hue, index) => {
      expect(contrast(hue, named("ink")), `${theme} hue ${index}`).toBeGreaterThanOrEqual(4.5);
      for (const eye of EYES) {
        expect(distance(hue, named("raised"), eye)).toBeGreaterThan(0.15);
        for (const other of hues.slice(0, index)) {
          expect(distance(hue, other, eye), `${theme} hue ${index}`).toBeGreaterThan(0.06);
        }
      }
    });
  });
});

describe("a computed colour", () => {
  it.each([
    ["rgb(255, 0, 51)", "#ff0033", 1],
    ["rgba(255, 0, 51, 0.5)", "#ff0033", 0.5],
    ["rgb(255 0 51 / 0.25)", "#ff0033", 0.25],
    ["color(srgb 1 0 0.2)", "#ff0033", 1],
    ["oklab(1 0 0)", "#ffffff", 1],
    ["oklab(0.627955 0.224863 0.125846)", "#ff0000", 1],
  ])("%s is %s", (computed, colour, opacity) => {
    expect(plainColour(computed)).toEqual({ colour, opacity });
  });

  it("of another kind is none", () => {
    expect(plainColour("transparent")).toBeNull();
    expect(plainColour("")).toBeNull();
  });
});
