/** Attention of a head in levels, read a row at a time; the other half is export/rounding.py. */

import { countNaN } from "../measures/attention_rows";
import { joinPlanes } from "./number_codec";

/** As in export/rounding.py. */
const STEP = 1 / 520;
const SHIFTS = 32;
const LEAST_SHARE = 1 / 1024;
const LEAST_LEVEL = 2 ** -30;
const LEAST_WEIGHT = 2 ** -149;
const SHARE_CODES = 2 ** 16 - 1;
const SHARE_OCTAVES = 150;
const [ZERO, SMALL, LEVEL_0, NAN] = [0, 1, 2, 4095];

/** Attention of one head, a row at a time. */
export interface HeadMap {
  /** Weights of a query over all keys. */
  row(query: number): Float32Array;
  /** How many weights are NaN. */
  countNaN(): number;
  readonly byteLength: number;
}

/** Groups of the keys of a row: those of the text come first. */
const SPECIAL = 1;

export function decodeLevels(
  bytes: Uint8Array,
  queries: number,
  keys: number,
  marks: { special: readonly number[]; fine: readonly number[] },
): HeadMap {
  const size = queries * keys;
  const codes = rowsOf(bytes, queries, keys);
  const sums = 2 * size;
  const total = sharesOf(bytes, sums, queries);
  const ofText = sharesOf(bytes, sums + 2 * queries, queries);
  const starts = new Int8Array(bytes.slice(sums + 4 * queries).buffer);
  const isFine = new Uint8Array(keys);
  for (const key of marks.fine) isFine[key] = 1;
  const isSpecial = new Uint8Array(keys);
  for (const key of marks.special) isSpecial[key] = 1;
  const text: number[] = [];
  for (let key = 0; key < keys; key++) if (!isSpecial[key]) text.push(key);

  /** What levels of a group are counted in, and what small and other weights get besides. */
  function scaleOf(query: number, group: number, members: readonly number[]) {
    const all = total[query] ?? 0;
    const text = all * (ofText[query] ?? 0);
    const given = group === SPECIAL ? Math.max(0, all - text) : text;
    const scale = group === SPECIAL ? Math.max(given, all * LEAST_SHARE) : given;
    const start = (starts[group * queries + query] ?? 0) / SHIFTS;
    let [nSmall, nLarge, left] = [0, 0, given / scale / STEP];
    for (let i = 0; i < members.length; i++) {
      const key = members[i] as number;
      const code = codes[query * keys + key] as number;
      if (code === SMALL) nSmall += 1;
      if (code < LEVEL_0 || code === NAN) continue;
      if (isFine[key]) left -= (code - LEVEL_0) / 2;
      else {
        nLarge += 1;
        left -= code - LEVEL_0 + start;
      }
    }
    const small = Math.min(0.5, Math.max(0, left / Math.max(nSmall, 1)));
    const rest = (left - small * nSmall) / Math.max(nLarge, 1);
    return { unit: scale * STEP, small, start: start + rest };
  }

  return {
    byteLength: codes.byteLength,
    row(query) {
      const weights = new Float32Array(keys);
      [text, marks.special].forEach((members, group) => {
        if (!members.length) return;
        const { unit, small, start } = scaleOf(query, group, members);
        for (let i = 0; i < members.length; i++) {
          const key = members[i] as number;
          const code = codes[query * keys + key] as number;
          if (code === ZERO) continue;
          let level = small;
          if (code >= LEVEL_0) level = isFine[key] ? (code - LEVEL_0) / 2 : code - LEVEL_0 + start;
          const known = Math.max(LEAST_WEIGHT, Math.max(LEAST_LEVEL, level) * unit);
          weights[key] = code === NAN ? Number.NaN : known;
        }
      });
      return weights;
    },
    countNaN: () => codes.reduce((count, code) => count + Number(code === NAN), 0),
  };
}

/** Codes (query, key): they lie (key, query), all low bytes first, which deflates better. */
function rowsOf(bytes: Uint8Array, queries: number, keys: number): Uint16Array {
  const codes = new Uint16Array(queries * keys);
  let place = 0;
  for (let key = 0; key < keys; key++) {
    for (let query = 0; query < queries; query++, place++) {
      codes[query * keys + key] = (bytes[place] ?? 0) | ((bytes[place + codes.length] ?? 0) << 8);
    }
  }
  return codes;
}

export function numbersMap(bytes: Uint8Array, queries: number, keys: number): HeadMap {
  const size = queries * keys;
  const view = joinPlanes(bytes, 0, size, 4);
  const weights = new Float32Array(view.buffer, 0, size);
  return {
    byteLength: weights.byteLength,
    row: (query) => weights.subarray(query * keys, (query + 1) * keys),
    countNaN: () => countNaN(weights),
  };
}

/** Shares from 1 down, finer near 1: first bytes first. */
function sharesOf(bytes: Uint8Array, from: number, count: number): Float64Array {
  const view = joinPlanes(bytes, from, count, 2);
  return Float64Array.from({ length: count }, (_, i) => {
    const part = view.getUint16(2 * i, true) / SHARE_CODES;
    return 2 ** (-SHARE_OCTAVES * part * part);
  });
}
