import { describe, expect, it } from "vitest";
import { css, PAPERS as papers } from "../../../js/draw/colour";
import { colourDistance, headColours } from "../../../js/draw/palette";
import { contrast, distance, EYES, type Rgb, rgbOf } from "../helpers/colours";
import { styles } from "../helpers/styles";

/** What most transformers have, and what a person can still tell apart. */
const HEADS = 12;

/** OKLab distance; about 0.02 is just noticeable side by side. */
const LEAST_DISTANCE = 0.05;
const LEAST_DISTANCE_OF_MOST_EYES = 0.1;

/** WCAG 2.2, 1.4.11: graphical objects against what they lie on. */
const LEAST_CONTRAST = 3;

const PAPERS = [...styles.matchAll(/--aw-paper: (#[0-9a-f]{6});/g)].map(([, hex]) =>
  rgbOf(hex ?? ""),
);

function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((a, index) => items.slice(index + 1).map((b): [T, T] => [a, b]));
}

describe("the palette of heads", () => {
  const colours = headColours(HEADS).map(rgbOf);

  it("has colours that each kind of eye tells apart", () => {
    expect(EYES).toEqual(["normal", "protanopia", "deuteranopia", "tritanopia"]);
    for (const eye of EYES) {
      const distances = pairs(colours).map(([a, b]) => distance(a, b, eye));
      expect(distances).toHaveLength(66);
      expect(Math.min(...distances), eye).toBeGreaterThanOrEqual(LEAST_DISTANCE);
    }
  });

  it("has colours that most eyes tell apart at a glance", () => {
    const distances = pairs(colours).map(([a, b]) => distance(a, b, "normal"));
    expect(Math.min(...distances)).toBeGreaterThanOrEqual(LEAST_DISTANCE_OF_MOST_EYES);
  });

  it("stands out from both papers, so that a head has one colour in light and dark", () => {
    expect(PAPERS).toHaveLength(2);
    for (const colour of headColours(144).map(rgbOf)) {
      for (const paper of PAPERS) {
        expect(contrast(colour, paper)).toBeGreaterThanOrEqual(LEAST_CONTRAST);
      }
    }
  });

  it("knows the papers of the style sheet", () => {
    expect([papers.light, papers.dark].map(css)).toEqual(PAPERS.map(css));
  });

  it("gives a head the same colour, however many heads there are", () => {
    const many = headColours(40);
    for (let count = 0; count <= 40; count++) {
      expect(headColours(count)).toEqual(many.slice(0, count));
    }
  });

  it("repeats no colour among 144 heads", () => {
    expect(new Set(headColours(144)).size).toBe(144);
  });

  it("has a colour for any number of heads", () => {
    const colours = headColours(3_000);
    expect(colours).toHaveLength(3_000);
    for (const colour of colours) expect(colour).toMatch(/^rgb\(\d{1,3} \d{1,3} \d{1,3}\)$/);
  });
});

describe("colourDistance", () => {
  it("is the OKLab distance of the eye that tells two colours apart least", () => {
    const some: Rgb[] = headColours(16).map(rgbOf);
    for (const [a, b] of pairs(some)) {
      expect(colourDistance(a, b)).toBeCloseTo(
        Math.min(...EYES.map((eye) => distance(a, b, eye))),
        6,
      );
    }
  });

  it("knows black from white, and a colour from itself", () => {
    expect(colourDistance([0, 0, 0], [1, 1, 1])).toBeCloseTo(1, 3);
    expect(colourDistance([0.2, 0.4, 0.6], [0.2, 0.4, 0.6])).toBe(0);
  });

  it("red and green of like lightness lie closer for a red-green blind eye", () => {
    const [red, green]: [Rgb, Rgb] = [
      [0.78, 0.3, 0.2],
      [0.42, 0.52, 0.1],
    ];
    expect(colourDistance(red, green)).toBeLessThan(distance(red, green, "normal") / 2);
  });
});

describe("css", () => {
  it("rounds to what a screen shows", () => {
    expect(css([0, 0.5, 1])).toBe("rgb(0 128 255)");
  });
});

describe("the classes of scores", () => {
  it("are one for each step, and no more", () => {
    const classes = [...styles.matchAll(/\.aw-heat-(\d+) \{/g)].map(([, step]) => Number(step));
    expect(classes).toEqual(Array.from({ length: 32 }, (_, step) => step));
  });
});
