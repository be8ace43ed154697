/** Numbers that look random and are the same in every run (mulberry32). */

/** In 0..1. */
export type Random = () => number;

export function randomFrom(seed: number): Random {
  let now = seed;
  return () => {
    now = (now + 0x6d2b79f5) | 0;
    let mixed = Math.imul(now ^ (now >>> 15), 1 | now);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const below = (random: Random, limit: number): number => Math.floor(random() * limit);

export const floats = (random: Random, count: number): Float32Array =>
  Float32Array.from({ length: count }, () => 4 * random() - 2);
