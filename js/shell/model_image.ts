/** The image that a model looked at, as a custom property that every view may use. */

import { raster } from "../draw/raster";
import { type AppState, watch } from "../state/app_state";
import { resource } from "../tensors/resource";
import type { TensorSource } from "../tensors/source";
import { shapeAt, type Tensor } from "../trace/tensor";

/** Sets `--aw-image` of the element. */
export function provideImage(
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
): void {
  const pixels = resource(state, source, abort, () => (state.meta.value.image ? "image" : null));
  watch(abort, () => {
    const { tensor } = pixels.value;
    const url = tensor ? urlOf(tensor) : null;
    if (url) element.style.setProperty("--aw-image", `url("${url}")`);
    else element.style.removeProperty("--aw-image");
  });
}

/** From (height, width, 3). */
function urlOf(tensor: Tensor): string {
  const [height, width] = [shapeAt(tensor, 0), shapeAt(tensor, 1)];
  const channel = (pixel: number, at: number) => (tensor.data[3 * pixel + at] ?? 0) / 255;
  return raster(width, height, (pixel) => [
    channel(pixel, 0),
    channel(pixel, 1),
    channel(pixel, 2),
  ]).toDataURL();
}
