/** Bytes to typed arrays. A tensor stays one flat array; views read rows of it in place. */

import type { Dtype, TensorHeader } from "./contract";

export type Numbers = Float32Array | Int32Array | Uint8Array;

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

const ARRAYS = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
} satisfies Record<Dtype, unknown>;

export const dtypeOf = (data: Numbers): Dtype =>
  data instanceof Int32Array ? "int32" : data instanceof Uint8Array ? "uint8" : "float32";

/** The buffer may be a window of a larger one, at an offset no typed array accepts: copy then. */
export function decode(header: TensorHeader, bytes: DataView): Tensor {
  const array = ARRAYS[header.dtype];
  if (!array) throw new Error(`unknown dtype "${header.dtype}"`);
  const size = header.shape.reduce((product, axis) => product * axis, 1);
  if (bytes.byteLength !== size * array.BYTES_PER_ELEMENT) {
    throw new Error(
      `${bytes.byteLength} bytes came for a ${header.dtype} tensor of shape [${header.shape}]`,
    );
  }
  const aligned = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0;
  const buffer = (aligned ? bytes.buffer : copyOf(bytes)) as ArrayBuffer;
  const data = new array(buffer, aligned ? bytes.byteOffset : 0, size);
  return { shape: header.shape, data };
}

const copyOf = (bytes: DataView) =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

/** The part of the tensor at these leading indices: its own memory, not a copy. */
export function at(tensor: Tensor, ...index: number[]): Numbers {
  let size = tensor.data.length;
  let start = 0;
  index.forEach((i, axis) => {
    const length = tensor.shape[axis] ?? 0;
    if (i < 0 || i >= length) {
      throw new RangeError(`index ${i} on axis ${axis} of shape [${tensor.shape}]`);
    }
    size /= length;
    start += i * size;
  });
  return tensor.data.subarray(start, start + size);
}

export function shapeAt(tensor: Tensor, axis: number): number {
  const length = tensor.shape[axis];
  if (length === undefined) throw new RangeError(`axis ${axis} of shape [${tensor.shape}]`);
  return length;
}
