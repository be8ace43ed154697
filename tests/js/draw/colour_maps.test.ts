import { describe, expect, it } from "vitest";
import { css, plainColour } from "../../../js/draw/colour";
import { colourSteps } from "../../../js/draw/colour_maps";
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
  const stepsOf = (map: ColourMap) => colourSteps(map, dark, [hex("heat-low"), hex("heat-high")]);

  it.each(COLOUR_MAPS)("%s leaves the text readable on every step", (map) => {
    const steps = stepsOf(map);
    expect(steps).toHaveLength(map === "diverging" ? 31 : 32);
    for (const { colour, ink } of steps) {
      expect(contrast(rgbOf(ink), rgbOf(colour))).toBeGreaterThanOrEqual(4.5); // WCAG 2.2, 1.4.3
    }
  });

  it.each(["viridis", "cividis"] as const)("%s grows lighter step by step", (map) => {
    const light = stepsOf(map).map(({ colour }) => contrast(rgbOf(colour), [0, 0, 0]));
    expect(light).toEqual([...light].sort((a, b) => a - b));
  });

  it("viridis and cividis are Matplotlib's at the ends", () => {
    const ends = (map: "viridis" | "cividis") => {
      const steps = stepsOf(map);
      return [steps[0]?.colour, steps.at(-1)?.colour];
    };
    expect(ends("viridis")).toEqual(["rgb(68 1 84)", "rgb(253 231 37)"]);
    expect(ends("cividis")).toEqual(["rgb(0 34 78)", "rgb(254 232 56)"]);
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

  it("purple lies between the style sheet's ends, in its ink", () => {
    const steps = stepsOf("purple");
    const ends = [steps[0], steps.at(-1)].map((step) => rgbOf(step?.colour ?? ""));
    expect(ends).toEqual([named("heat-low"), named("heat-high")]);
    expect(new Set(steps.map(({ ink }) => ink))).toEqual(new Set([css(named("ink"))]));
  });

  it("the colours of pins leave the text readable, and are apart for every eye", () => {
    const hues = [0, 1, 2, 3, 4, 5].map((hue) => named(`hue-${hue}`));
    hues.forEach((hue, index) => {
      expect(contrast(hue, named("ink")), `${theme} hue ${index}`).toBeGreaterThanOrEqual(4.5);
      for (const eye of EYES) {
        expect(distance(hue, named("heat-low"), eye)).toBeGreaterThan(0.15);
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
