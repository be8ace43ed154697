/** The one scale of weights: how much of a colour a weight has, in every view and figure. */

/** The square root, so that small weights can be told apart; the scale ends at 0 and 1. */
export const shareOf = (weight: number): number => Math.sqrt(Math.min(1, Math.max(0, weight)));
