/** SVG nodes by hand, for figures: every attribute is inline, and text goes in as text nodes only. */

const NAMESPACE = "http://www.w3.org/2000/svg";

type Attributes = Record<string, string | number>;

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (SVGElement | string)[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, typeof value === "number" ? short(value) : value);
  }
  node.append(...children);
  return node;
}

/** Hundredths of a pixel are as fine as a page is printed. */
const short = (value: number): string => String(Math.round(value * 100) / 100);

export const textAt = (
  x: number,
  y: number,
  text: string,
  attributes: Attributes = {},
): SVGTextElement => svg("text", { x, y, ...attributes, "xml:space": "preserve" }, text);

/** A picture of pixels within a figure, each as large as it is drawn. */
export function svgImage(
  canvas: HTMLCanvasElement,
  box: { x: number; y: number; width: number; height: number },
): SVGImageElement {
  return svg("image", {
    ...box,
    href: canvas.toDataURL("image/png"),
    preserveAspectRatio: "none",
    "image-rendering": "pixelated", // no style attribute: a saved page allows none
  });
}
