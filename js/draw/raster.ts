/** Numbers as pixels: a picture that holds one for each. */

import { h } from "../browser/dom";
import type { Rgb } from "./colour";

/** RGBA, row by row. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** `colour` of each pixel, row by row, and how opaque it is. */
export function pixelsOf(
  width: number,
  height: number,
  colour: (pixel: number) => Rgb,
  opacity: (pixel: number) => number = () => 1,
): Pixels {
  const data = new Uint8ClampedArray(4 * width * height); // rounds
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [r, g, b] = colour(pixel);
    data[4 * pixel] = r * 255;
    data[4 * pixel + 1] = g * 255;
    data[4 * pixel + 2] = b * 255;
    data[4 * pixel + 3] = opacity(pixel) * 255;
  }
  return { width, height, data };
}

/** With a rim of so many pixels, each the one of the picture that is nearest to it. */
export function rimmed({ width, height, data }: Pixels, rim: number): Pixels {
  const [wide, high] = [width + 2 * rim, height + 2 * rim];
  const from = new Uint32Array(data.slice().buffer);
  const to = new Uint32Array(wide * high);
  const within = (place: number, size: number) => Math.min(size - 1, Math.max(0, place - rim));
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      to[y * wide + x] = from[within(y, height) * width + within(x, width)] ?? 0;
    }
  }
  return { width: wide, height: high, data: new Uint8ClampedArray(to.buffer) };
}

export function putPixels(
  context: CanvasRenderingContext2D,
  { width, height, data }: Pixels,
  x = 0,
  y = 0,
): void {
  const image = context.createImageData(width, height);
  image.data.set(data);
  context.putImageData(image, x, y);
}

/** No canvas is empty. */
export function raster(
  width: number,
  height: number,
  colour: (pixel: number) => Rgb,
): HTMLCanvasElement {
  const canvas = h("canvas", { width: Math.max(1, width), height: Math.max(1, height) });
  const context = canvas.getContext("2d");
  if (context && width && height) putPixels(context, pixelsOf(width, height, colour));
  return canvas;
}
