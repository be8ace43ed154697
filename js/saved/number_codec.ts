/** Tensors of a saved page that are kept as numbers; the other half is export/rounding.py. */

import type { Dtype } from "../trace/contract";
import { decode, type Tensor } from "../trace/tensor";

const SIZES = { float32: 4, int32: 4, uint8: 1 } satisfies Record<Dtype, number>;

/** Bytes lie first bytes first; `from` and `count` are of numbers of this size. */
export function joinPlanes(bytes: Uint8Array, from: number, count: number, size: number): DataView {
  const numbers = new Uint8Array(count * size);
  for (let part = 0; part < size; part++) {
    const plane = bytes.subarray(from + part * count, from + (part + 1) * count);
    for (let i = 0; i < plane.length; i++) numbers[i * size + part] = plane[i] ?? 0;
  }
  return new DataView(numbers.buffer);
}

export function decodeNumbers(bytes: Uint8Array, dtype: Dtype, shape: number[]): Tensor {
  const size = SIZES[dtype];
  return decode({ id: 0, dtype, shape }, joinPlanes(bytes, 0, bytes.length / size, size));
}

/** Vectors, each as 16-bit shares of its largest element. */
export function decodeRows(bytes: Uint8Array, shape: number[]): Tensor {
  const dim = shape[shape.length - 1] ?? 0;
  const count = shape.reduce((product, axis) => product * axis, 1);
  const rows = dim ? count / dim : 0;
  const scales = joinPlanes(bytes, 0, rows, 4);
  const shares = joinPlanes(bytes, 4 * rows, count, 2);
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const scale = scales.getFloat32(4 * Math.floor(i / dim), true);
    data[i] = ((shares.getUint16(2 * i, true) - 32768) / 32767) * scale;
  }
  return { shape, data };
}

/** Vectors (token, axis): turned together, which no length and no cosine tells. */
export function decodeAxes(bytes: Uint8Array, shape: number[], step: number): Tensor {
  const [tokens = 0, axes = 0] = shape;
  const lengths = joinPlanes(bytes, 0, tokens, 4);
  const folded = joinPlanes(bytes, 4 * tokens, tokens * axes, 2);
  const data = new Float32Array(tokens * axes);
  for (let token = 0; token < tokens; token++) {
    let square = 0;
    for (let axis = 0; axis < axes; axis++) {
      const level = folded.getUint16(2 * (axis * tokens + token), true);
      const value = (level & 1 ? -(level + 1) / 2 : level / 2) * step;
      data[token * axes + axis] = value;
      square += value * value;
    }
    const scale = square > 0 ? lengths.getFloat32(4 * token, true) / Math.sqrt(square) : 0;
    for (let i = token * axes; i < (token + 1) * axes; i++) data[i] = (data[i] ?? 0) * scale;
  }
  return { shape, data };
}
