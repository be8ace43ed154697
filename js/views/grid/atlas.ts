/** One canvas that holds many small pictures, so that drawing them again only copies. */

import { h } from "../../browser/dom";
import { type Pixels, putPixels, rimmed } from "../../draw/raster";

export interface Atlas {
  readonly canvas: HTMLCanvasElement;
  /** Where the picture of this name lies; made if it is not there, in place of the one that was
   * used longest ago. */
  place(name: string, make: () => Pixels): { x: number; y: number };
}

/**
 * Between pictures, filled with the pixels at their edges: what scales a picture down (mip levels)
 * looks so far beyond its edge, and would see a neighbour, which is another one each time.
 */
export const RIM = 4;

/** Scaled down by up to this, each picture lies on whole pixels, wherever it is. */
const STEP = 8;

/** @param width, height of each picture, at most. */
export function atlas(capacity: number, width: number, height: number): Atlas {
  const across = Math.ceil(Math.sqrt(capacity));
  const pitch = (size: number) => Math.ceil((size + 2 * RIM) / STEP) * STEP;
  const [wide, high] = [pitch(width), pitch(height)];
  const canvas = h("canvas", {
    width: across * wide,
    height: Math.ceil(capacity / across) * high,
  });
  const context = canvas.getContext("2d", { willReadFrequently: true }); // in memory: only copied
  const slots = new Map<string, number>(); // used longest ago first
  const cornerOf = (slot: number) => ({
    x: (slot % across) * wide + RIM,
    y: Math.floor(slot / across) * high + RIM,
  });

  function free(): number {
    if (slots.size < capacity) return slots.size;
    const [[oldest, slot] = ["", 0]] = slots;
    slots.delete(oldest);
    return slot;
  }

  return {
    canvas,
    place(name, make) {
      const known = slots.get(name);
      const slot = known ?? free();
      slots.delete(name);
      slots.set(name, slot);
      const corner = cornerOf(slot);
      if (known === undefined && context) {
        const [left, top] = [corner.x - RIM, corner.y - RIM];
        context.clearRect(left, top, wide, high);
        putPixels(context, rimmed(make(), RIM), left, top);
      }
      return corner;
    },
  };
}
