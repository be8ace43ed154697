/** The CSS zoom of a widget that fills a window: the page's pixels for one of its own. */

/** Older browsers neither tell the zoom nor agree on what they measure under it: none there. */
export const canZoom = (): boolean => "currentCSSZoom" in Element.prototype;

export const zoomOf = (element: Element): number =>
  (element as { currentCSSZoom?: number }).currentCSSZoom ?? 1;

/** Where in an element something happened, in pixels of the element. */
export function placeIn(
  element: Element,
  { clientX, clientY }: Pick<MouseEvent, "clientX" | "clientY">,
): { x: number; y: number } {
  const { left, top } = element.getBoundingClientRect();
  const zoom = zoomOf(element);
  return { x: (clientX - left) / zoom, y: (clientY - top) / zoom };
}

/** What was measured on the page, in pixels of a zoom. */
export const unzoomed = ({ x, y, width, height }: DOMRect, zoom: number): DOMRect =>
  new DOMRect(x / zoom, y / zoom, width / zoom, height / zoom);

/** Pixels of the screen for one of the element. */
export const finenessOf = (element: Element): number =>
  (window.devicePixelRatio || 1) * zoomOf(element);
