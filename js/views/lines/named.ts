/** Which rows have their label where rows lie closer than labels can, and where it stands. */

import { LABEL_SPACING } from "./fit";

/** A row and by how much its label stands below its middle, or above it. */
export type Named = ReadonlyMap<number, number>;

/**
 * Those that `matter` all have theirs, moved apart where they would lie on each other; of the
 * others every second or third, where there is room.
 */
export function namedRows(matter: readonly number[], count: number, pitch: number): Named {
  const named = new Map<number, number>();
  const rows = [...new Set(matter)].filter((row) => row >= 0 && row < count).sort((a, b) => a - b);
  const places = movedApart(
    rows.map((row) => (row + 0.5) * pitch),
    count * pitch,
  );
  rows.forEach((row, index) => {
    named.set(row, (places[index] ?? 0) - (row + 0.5) * pitch);
  });
  const step = Math.ceil(LABEL_SPACING / pitch);
  let next = 0; // the first of the places that is not left behind
  for (let row = 0; row < count; row += step) {
    const place = (row + 0.5) * pitch;
    while (next < places.length && (places[next] ?? 0) <= place - LABEL_SPACING) next += 1;
    const isFree = next >= places.length || (places[next] ?? 0) >= place + LABEL_SPACING;
    if (isFree && !named.has(row)) named.set(row, Math.max(0, LABEL_SPACING / 2 - place));
  }
  return named;
}

/** Places in order, each at least LABEL_SPACING from the next, all moved as little as may be. */
function movedApart(places: readonly number[], length: number): number[] {
  const groups: { from: number; sum: number; size: number }[] = [];
  const startOf = ({ sum, size }: { sum: number; size: number }) => sum / size;
  places.forEach((place, index) => {
    let group = { from: index, sum: place, size: 1 };
    for (let last = groups[groups.length - 1]; last; last = groups[groups.length - 1]) {
      const end = startOf(last) + last.size * LABEL_SPACING;
      if (end <= startOf(group)) break;
      groups.pop();
      // Each place of a group is the one before it and a spacing.
      const sum = last.sum + group.sum - group.size * last.size * LABEL_SPACING;
      group = { from: last.from, sum, size: last.size + group.size };
    }
    groups.push(group);
  });
  const apart = groups.flatMap((group) => {
    const most = length - (group.size - 0.5) * LABEL_SPACING;
    const start = Math.max(LABEL_SPACING / 2, Math.min(most, startOf(group)));
    return Array.from({ length: group.size }, (_, index) => start + index * LABEL_SPACING);
  });
  return apart;
}
