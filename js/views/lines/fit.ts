/** How large rows are: all of a text in sight while they can be told apart, else as large as reads well. */

import { ROW_HEIGHT } from "../../controls/virtual_rows";
import { textWidth } from "../../draw/text_width";
import type { TokenMeta } from "../../trace/contract";

export interface Fit {
  /** From a row to the next. */
  pitch: number;
  /** Size of the labels. */
  type: number;
  /** Rows lie closer than their labels could: only some have one. */
  thinned: boolean;
  /** Side by side, labels read from top to bottom. */
  turned: boolean;
  /** Room for the longest label that is shown in full, turned. */
  label: number;
  /** As wide as the longest label is when its token is selected. */
  room: number;
}

/** Closer, rows can be neither told apart nor pointed at. */
const LEAST_PITCH = 7;

/** Of a text that is too long to be seen whole every row is read. */
const SCROLLED_PITCH = 14;

const LARGEST_TYPE = 14;
const LEAST_TYPE = 10;

/** Labels of neighbours stand so far apart at least. */
export const LABEL_SPACING = 11;

function sized(pitch: number): Pick<Fit, "pitch" | "type" | "thinned"> {
  const type = Math.min(LARGEST_TYPE, Math.max(LEAST_TYPE, 0.78 * pitch));
  return { pitch, type, thinned: pitch < LABEL_SPACING };
}

/** Pieces of an image cannot shrink. */
const isOfPieces = (tokens: readonly TokenMeta[]): boolean => tokens.some(({ box }) => box);

function pitchOf(lists: readonly (readonly TokenMeta[])[], count: number, length: number): number {
  const whole = length / Math.max(1, count);
  if (whole >= ROW_HEIGHT || !length || lists.some(isOfPieces)) return ROW_HEIGHT;
  return whole >= LEAST_PITCH ? whole : SCROLLED_PITCH;
}

/** Tokens one below the other; `count` rows, which the longer list has. */
export function rowFit(
  lists: readonly (readonly TokenMeta[])[],
  count: number,
  height: number,
): Fit {
  const fit = sized(pitchOf(lists, count, height));
  const room = Math.ceil((longest(lists) * fit.type) / LARGEST_TYPE) + 1;
  return { ...fit, turned: false, label: 0, room: Math.max(LEAST_ROOM, room) };
}

/** What is selected is bold: then too its name is as long as before. */
const longest = (lists: readonly (readonly TokenMeta[])[]) => Math.max(...lists.map(longestLabel));

const LEAST_ROOM = 40;
const THUMBNAIL = 22;

/** A weight must stand below its token. */
const LEAST_UPRIGHT = 46;
const MOST_UPRIGHT = 160;
const MOST_TURNED = 110;

/** Tokens side by side: upright while all fit, else turned. */
export function labelFit(
  lists: readonly (readonly TokenMeta[])[],
  count: number,
  width: number,
): Fit {
  const widest = longest(lists);
  const needed = Math.max(LEAST_UPRIGHT, widest + 12);
  if (needed * count <= width) {
    const pitch = Math.min(MOST_UPRIGHT, width / Math.max(1, count));
    return { pitch, type: LARGEST_TYPE, thinned: false, turned: false, label: 22, room: widest };
  }
  const fit = sized(pitchOf(lists, count, width));
  const room = (widest * fit.type) / LARGEST_TYPE + 8;
  return { ...fit, turned: true, label: Math.min(MOST_TURNED, Math.max(24, room)), room };
}

const measured = new WeakMap<readonly TokenMeta[], number>();

/** Width of the longest label: among those with most characters, or thousands would be measured. */
function longestLabel(tokens: readonly TokenMeta[]): number {
  const known = measured.get(tokens);
  if (known !== undefined) return known;
  const labels = tokens.map(({ label }) => label).sort((a, b) => b.length - a.length);
  const widths = labels.slice(0, 24).map((label) => textWidth(label, LARGEST_TYPE, 700));
  const widest = Math.max(0, ...widths) + (isOfPieces(tokens) ? THUMBNAIL : 0);
  measured.set(tokens, widest);
  return widest;
}
