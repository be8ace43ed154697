/** From an attention weight to its share of colour: the one scale of all views and figures. */

/** With the logarithm, weights up to this have no more colour than 0 has. */
export const LOG_FLOOR = 1e-4;

const DECADES = -Math.log10(LOG_FLOOR);

/**
 * The scale is fixed: 0 has no colour, 1 has all of it. Most weights are small, so the share is the
 * square root of the weight; or, on demand, it grows alike with each power of ten above the floor.
 * Where a view ends its scale at another weight, `top`, its legend says so, and the weights count as
 * parts of that.
 */
export function shareOf(weight: number, isLog = false, top = 1): number {
  if (Number.isNaN(weight)) return Number.NaN;
  const part = weight / top;
  const share = isLog ? 1 + Math.log10(Math.max(part, LOG_FLOOR)) / DECADES : Math.sqrt(part);
  return Math.min(1, Math.max(0, share)) || 0;
}

/** The same of a difference of weights: as much colour as a weight of its size, and its sign. */
export const signedShareOf = (change: number, isLog = false, top = 1): number =>
  Math.sign(change) * shareOf(Math.abs(change), isLog, top);

/** Weights that a legend names between its ends. */
export const TICKS = { root: [0.01, 0.1, 0.5], log: [0.001, 0.01, 0.1] } as const;

/** Lines are drawn in batches of one level each, words have a class for each: so many steps. */
export const STEPS = 32;

/** Step of a share of colour; -1 for none. */
export const stepOf = (share: number): number =>
  Number.isNaN(share) ? -1 : Math.round(share * (STEPS - 1));

/** The share that a step stands for. */
export const shareOfStep = (step: number): number => step / (STEPS - 1);
