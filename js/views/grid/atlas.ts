/** One canvas that holds many small pictures, so that drawing them again only copies. */

import { h } from "../../browser/dom";
import { type Pixels, putPixels } from "../../draw/raster";

export interface Atlas {
  readonly canvas: HTMLCanvasElement;
  /** Where the picture of this name lies; made if it is not there, in place of the one that was
   * used longest ago. */
  place(name: string, make: () => Pixels): { x: number; y: number };
}

/** @param width, height of each picture, at most. */
export function atlas(capacity: number, width: number, height: number): Atlas {
  const across = Math.ceil(Math.sqrt(capacity));
  const canvas = h("canvas", {
    width: across * width,
    height: Math.ceil(capacity / across) * height,
  });
  const context = canvas.getContext("2d", { willReadFrequently: true }); // in memory: only copied
  const slots = new Map<string, number>(); // used longest ago first
  const cornerOf = (slot: number) => ({
    x: (slot % across) * width,
    y: Math.floor(slot / across) * height,
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
        context.clearRect(corner.x, corner.y, width, height);
        putPixels(context, make(), corner.x, corner.y);
      }
      return corner;
    },
  };
}
