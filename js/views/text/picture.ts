/** The patches of an image in their places on it: the weight of each is a colour over the image. */

import { h } from "../../browser/dom";
import { HEAT_CLASSES } from "../../draw/scales";
import type { TokenMeta } from "../../trace/contract";

/** Nothing but an image: no word beside it. */
export const isPictureAlone = (
  tokens: readonly TokenMeta[],
  image: readonly number[] | null,
): boolean =>
  image !== null &&
  tokens.some(({ box }) => box !== null) &&
  tokens.every(({ box, special }) => box !== null || special);

/** Puts a unit on its place; the colour has a node of its own, so that frames do not fade with it. */
export function placed(
  node: HTMLElement,
  box: readonly number[],
  [height = 1, width = 1]: readonly number[],
  name: string,
): HTMLElement {
  const [left = 0, top = 0, right = 0, bottom = 0] = box;
  node.classList.remove("aw-empty");
  node.classList.add("aw-patch");
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", name);
  node.replaceChildren(h("span", { class: "aw-patch-colour" }));
  node.style.left = `${(100 * left) / width}%`;
  node.style.top = `${(100 * top) / height}%`;
  node.style.width = `${(100 * (right - left)) / width}%`;
  node.style.height = `${(100 * (bottom - top)) / height}%`;
  return node;
}

/** What of a unit is coloured. */
export const colouredPart = (node: HTMLElement): HTMLElement =>
  node.querySelector<HTMLElement>(".aw-patch-colour") ?? node;

/** The more there is of it, the less of the image is seen through: none for nothing. */
export function strengthen(node: HTMLElement, classes: string): void {
  const step = /\baw-heat-(\d+)\b/.exec(classes)?.[1];
  const share = step === undefined ? 0 : Number(step) / (HEAT_CLASSES - 1);
  node.style.setProperty("--aw-strength", String(share));
}

export function pictureOf(
  patches: readonly HTMLElement[],
  [height = 1, width = 1]: readonly number[],
  name: string,
): HTMLElement {
  const image = h("div", { class: "aw-image", role: "group", "aria-label": name }, ...patches);
  image.style.setProperty("--aw-ratio", String(width / height));
  return image;
}
