/** The image that a model looked at, as a custom property that every view may use. */

import { h } from "../browser/dom";
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
function urlOf(tensor: Tensor): string | null {
  const [height, width] = [shapeAt(tensor, 0), shapeAt(tensor, 1)];
  const canvas = h("canvas", { width, height });
  const context = canvas.getContext("2d");
  if (!context) return null;
  const image = context.createImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * pixel + channel] = tensor.data[3 * pixel + channel] ?? 0;
    }
    image.data[4 * pixel + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
