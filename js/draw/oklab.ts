/** Colours as an eye sees them: linear light, and OKLab (Ottosson 2020). */

export type Rgb = readonly [number, number, number]; // 0..1, sRGB

export type Oklab = readonly [number, number, number];

export type Matrix = readonly [Oklab, Oklab, Oklab];

export const times = (m: Matrix, v: Oklab): Oklab => [
  m[0][0] * v[0] + m[0][1] * v[1] + m[0][2] * v[2],
  m[1][0] * v[0] + m[1][1] * v[1] + m[1][2] * v[2],
  m[2][0] * v[0] + m[2][1] * v[1] + m[2][2] * v[2],
];

export const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
export const gamma = (c: number) => (c <= 0.0031308 ? c * 12.92 : 1.055 * c ** (1 / 2.4) - 0.055);

const RGB_TO_LMS: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const LMS_TO_LAB: Matrix = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];
const LAB_TO_LMS: Matrix = [
  [1, 0.3963377774, 0.2158037573],
  [1, -0.1055613458, -0.0638541728],
  [1, -0.0894841775, -1.291485548],
];
const LMS_TO_RGB: Matrix = [
  [4.0767416621, -3.3077115913, 0.2309699292],
  [-1.2684380046, 2.6097574011, -0.3413193965],
  [-0.0041960863, -0.7034186147, 1.707614701],
];

export function oklabOf(rgb: Rgb): Oklab {
  const [l, m, s] = times(RGB_TO_LMS, [linear(rgb[0]), linear(rgb[1]), linear(rgb[2])]);
  return times(LMS_TO_LAB, [Math.cbrt(l), Math.cbrt(m), Math.cbrt(s)]);
}

export function rgbOf(lab: Oklab): Rgb {
  const [l, m, s] = times(LAB_TO_LMS, lab);
  const [r, g, b] = times(LMS_TO_RGB, [l ** 3, m ** 3, s ** 3]);
  return [gamma(r), gamma(g), gamma(b)];
}

/** As CSS mixes `in oklab`. */
export function mixInOklab(from: Rgb, to: Rgb, share: number): Rgb {
  const [a, b] = [oklabOf(from), oklabOf(to)];
  const at = (i: 0 | 1 | 2) => a[i] + (b[i] - a[i]) * share;
  return rgbOf([at(0), at(1), at(2)]);
}
