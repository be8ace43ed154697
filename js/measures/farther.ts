/** Of two numbers the one that stands for both where there is room for one. */

/** The farther from 0, of equally far ones the larger; NaN where one is. */
export function farther(one: number, other: number): number {
  const [first, second] = [Math.abs(one), Math.abs(other)];
  if (first === second) return Math.max(one, other);
  return first > second || Number.isNaN(one) ? one : other;
}

/** The same; a hidden place, -Infinity, stands for hidden ones alone. */
export function fartherShown(one: number, other: number): number {
  if (one === Number.NEGATIVE_INFINITY) return other;
  return other === Number.NEGATIVE_INFINITY ? one : farther(one, other);
}
