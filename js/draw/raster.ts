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
