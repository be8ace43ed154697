/** The signs on small buttons, drawn in a square of 16. */

import { svg } from "../browser/svg";

const PATHS = {
  earlier: "M9.5 4 5.5 8l4 4",
  later: "M6.5 4l4 4-4 4",
  below: "M4.5 6.5 8 10l3.5-3.5",
  options: "M2.5 5h6.5M12.5 5h1M9 3.2v3.6M2.5 11h1M7 11h6.5M7 9.2v3.6",
  close: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  enter: "M9.5 3H13v3.5M6.5 13H3V9.5M13 3 9.5 6.5M3 13l3.5-3.5",
  settings:
    "M9.3 1.8H6.7L6.3 3.7 5 4.4 3.2 3.8 1.9 6.1 3.3 7.4V8.6L1.9 9.9 3.2 12.2 5 11.6 6.3 12.3 6.7 14.2H9.3L9.7 12.3 11 11.6 12.8 12.2 14.1 9.9 12.7 8.6V7.4L14.1 6.1 12.8 3.8 11 4.4 9.7 3.7ZM8 6.1a1.9 1.9 0 1 0 0 3.8a1.9 1.9 0 1 0 0-3.8Z",
  leave: "M13 6.5H9.5V3M3 9.5h3.5V13M9.5 6.5 13 3M6.5 9.5 3 13",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  const node = svg(
    "svg",
    { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
    svg("path", {
      d: PATHS[name],
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.6,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
  node.classList.add("aw-icon");
  return node;
}
