/** How wide a token is where tokens stand side by side: upright while all fit, else turned. */

import { ROW_HEIGHT } from "../../controls/virtual_rows";
import { textWidth } from "../../draw/text_width";
import type { TokenMeta } from "../../trace/contract";

export const LABEL_SIZE = 14;

export interface LabelFit {
  pitch: number;
  /** Labels read from top to bottom. */
  turned: boolean;
  /** Room for the longest label that is shown in full. */
  label: number;
}

/** A weight must stand below its token. */
const LEAST_UPRIGHT = 46;
const MOST_UPRIGHT = 160;
const MOST_TURNED = 110;

export function labelFit(lists: readonly (readonly TokenMeta[])[], width: number): LabelFit {
  const count = Math.max(1, ...lists.map((tokens) => tokens.length));
  const longest = Math.max(...lists.map(longestLabel));
  const needed = Math.max(LEAST_UPRIGHT, longest + 12);
  if (needed * count <= width) {
    return { pitch: Math.min(MOST_UPRIGHT, width / count), turned: false, label: 22 };
  }
  return {
    pitch: ROW_HEIGHT,
    turned: true,
    label: Math.min(MOST_TURNED, Math.max(24, longest + 8)),
  };
}

const measured = new WeakMap<readonly TokenMeta[], number>();

/** Width of the longest label: among those with most characters, or thousands would be measured. */
function longestLabel(tokens: readonly TokenMeta[]): number {
  const known = measured.get(tokens);
  if (known !== undefined) return known;
  const labels = tokens.map(({ label }) => label).sort((a, b) => b.length - a.length);
  const widths = labels.slice(0, 24).map((label) => textWidth(label, LABEL_SIZE));
  const longest = Math.max(0, ...widths);
  measured.set(tokens, longest);
  return longest;
}
