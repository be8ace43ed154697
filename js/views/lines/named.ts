/** Which rows have their label where rows lie closer than labels can, and where it stands. */

import { LABEL_SPACING } from "./fit";

/** A row and by how much its label stands below its middle, or above it. */
export type Named = ReadonlyMap<number, number>;

/**
 * Of those that are `wanted`, the most wanted first, each has its label that leaves those before it
 * beside their rows; of the others every second or third, where there is room. So a label never
 * stands farther from its row than two neighbours need that lie at both sides of it.
 */
export function namedRows(wanted: readonly number[], count: number, pitch: number): Named {
  const farthest = Math.max(0, LABEL_SPACING - pitch) + TOLERANCE;
  const middle = (row: number) => (row + 0.5) * pitch;
  const firmness = new Map<number, number>();
  let rows: number[] = [];
  let places: number[] = [];
  for (const row of new Set(wanted)) {
    if (row < 0 || row >= count) continue;
    firmness.set(row, FIRMER ** -rows.length);
    const more = [...rows, row].sort((a, b) => a - b);
    const firm = more.map((each) => firmness.get(each) ?? 1);
    const apart = movedApart(more.map(middle), firm, count * pitch);
    const isBeside = (each: number, at: number) =>
      Math.abs((apart[at] ?? 0) - middle(each)) <= farthest;
    if (rows.length && !more.every(isBeside)) continue;
    [rows, places] = [more, apart];
  }
  const named = new Map(rows.map((row, at) => [row, (places[at] ?? 0) - middle(row)]));
  const step = Math.ceil(LABEL_SPACING / pitch);
  let next = 0; // the first of the places that is not left behind
  for (let row = 0; row < count; row += step) {
    const place = middle(row);
    while (next < places.length && (places[next] ?? 0) <= place - LABEL_SPACING) next += 1;
    const isFree = next >= places.length || (places[next] ?? 0) >= place + LABEL_SPACING;
    if (isFree && !named.has(row)) named.set(row, Math.max(0, LABEL_SPACING / 2 - place));
  }
  return named;
}

const TOLERANCE = 0.5;

/** So much less than the next is one moved that is wanted more. */
const FIRMER = 8;

interface Group {
  /** Of the places that its first would have for each, weighed. */
  sum: number;
  weight: number;
  size: number;
}

/**
 * Places in order, each at least LABEL_SPACING from the next, all moved as little as may be, and the
 * firmest least.
 */
function movedApart(places: readonly number[], firm: readonly number[], length: number): number[] {
  const groups: Group[] = [];
  const startOf = ({ sum, weight }: Group) => sum / weight;
  places.forEach((place, index) => {
    const weight = firm[index] ?? 1;
    let group: Group = { sum: weight * place, weight, size: 1 };
    for (let last = groups[groups.length - 1]; last; last = groups[groups.length - 1]) {
      const end = startOf(last) + last.size * LABEL_SPACING;
      if (end <= startOf(group)) break;
      groups.pop();
      // Each place of a group is the one before it and a spacing.
      const sum = last.sum + group.sum - group.weight * last.size * LABEL_SPACING;
      group = { sum, weight: last.weight + group.weight, size: last.size + group.size };
    }
    groups.push(group);
  });
  return groups.flatMap((group) => {
    const most = length - (group.size - 0.5) * LABEL_SPACING;
    const start = Math.max(LABEL_SPACING / 2, Math.min(most, startOf(group)));
    return Array.from({ length: group.size }, (_, index) => start + index * LABEL_SPACING);
  });
}
