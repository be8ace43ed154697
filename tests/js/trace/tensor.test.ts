import { describe, expect, it } from "vitest";
import type { Dtype } from "../../../js/trace/contract";
import { at, decode, type Numbers, shapeAt } from "../../../js/trace/tensor";

const header = (dtype: Dtype, shape: number[]) => ({ id: 1, dtype, shape });

const viewOf = (data: Numbers) => new DataView(data.buffer, data.byteOffset, data.byteLength);

/** The same bytes in the middle of a larger buffer. */
function windowOf(data: Numbers, offset: number): DataView {
  const large = new Uint8Array(offset + data.byteLength + 5).fill(0xab);
  large.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
  return new DataView(large.buffer, offset, data.byteLength);
}

const SAMPLES: [Dtype, Numbers][] = [
  ["float32", Float32Array.of(0, -1.5, 3.25, Number.NaN, Number.NEGATIVE_INFINITY, 1e-30)],
  ["int32", Int32Array.of(0, -1, 2 ** 31 - 1, -(2 ** 31), 7, 8)],
  ["uint8", Uint8Array.of(0, 255, 127, 128, 1, 2)],
];

describe("decode", () => {
  it.each(SAMPLES)("gives the numbers of a %s tensor", (dtype, data) => {
    const tensor = decode(header(dtype, [2, 3]), viewOf(data));
    expect(tensor.shape).toEqual([2, 3]);
    expect(tensor.data).toEqual(data);
    expect(tensor.data.constructor).toBe(data.constructor);
  });

  it("reads the bytes as little-endian", () => {
    const bytes = Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0);
    expect([...decode(header("float32", [2]), viewOf(bytes)).data]).toEqual([1, -2]);
    expect(decode(header("int32", [1]), viewOf(Uint8Array.of(1, 2, 0, 0))).data[0]).toBe(0x201);
  });

  it.each(SAMPLES)("reads a %s window of a larger buffer at any offset", (dtype, data) => {
    for (let offset = 0; offset <= 9; offset++) {
      expect(decode(header(dtype, [6]), windowOf(data, offset)).data, `offset ${offset}`).toEqual(
        data,
      );
    }
  });

  it("does not copy where the offset allows it", () => {
    const bytes = windowOf(Float32Array.of(1, 2, 3), 8);
    const { data } = decode(header("float32", [3]), bytes);
    expect(data.buffer).toBe(bytes.buffer);
    expect(data.byteOffset).toBe(8);
  });

  it("takes a scalar and an empty tensor", () => {
    expect([...decode(header("float32", []), viewOf(Float32Array.of(7))).data]).toEqual([7]);
    expect(decode(header("float32", [0, 4]), viewOf(new Float32Array())).data).toHaveLength(0);
  });

  it.each([
    ["float32", [2, 2], 12],
    ["float32", [3], 13],
    ["int32", [1], 0],
    ["uint8", [4], 5],
    ["float32", [0, 4], 16],
  ] as const)("refuses a %s tensor of shape %j that comes in %i bytes", (dtype, shape, size) => {
    const bytes = new DataView(new ArrayBuffer(size));
    expect(() => decode(header(dtype, [...shape]), bytes)).toThrow(
      `${size} bytes came for a ${dtype} tensor of shape [${shape}]`,
    );
  });

  it("refuses a dtype it does not know, by name", () => {
    const bytes = new DataView(new ArrayBuffer(8));
    expect(() => decode(header("float64" as Dtype, [1]), bytes)).toThrow('unknown dtype "float64"');
  });
});

describe("at", () => {
  const data = Float32Array.from({ length: 24 }, (_, i) => i);
  const tensor = { shape: [2, 3, 4], data };

  it("gives the part at leading indices", () => {
    expect([...at(tensor, 1, 2)]).toEqual([20, 21, 22, 23]);
    expect([...at(tensor, 1)]).toEqual(Array.from({ length: 12 }, (_, i) => 12 + i));
    expect([...at(tensor, 0, 1, 3)]).toEqual([7]);
    expect([...at(tensor)]).toEqual([...data]);
  });

  it("is the tensor's own memory, also of a window", () => {
    const all = Float32Array.from({ length: 26 }, (_, i) => i);
    const inner = { shape: [2, 3, 4], data: all.subarray(2) };
    const row = at(inner, 1, 0);
    expect([...row]).toEqual([14, 15, 16, 17]);
    all[14] = -1;
    expect(row[0]).toBe(-1);
    expect(row.buffer).toBe(all.buffer);
  });

  it.each([[2], [-1], [0, 3], [1, -1], [0, 0, 4], [0, 0, 0, 0]])("refuses index %j", (...index) => {
    expect(() => at(tensor, ...index)).toThrow(RangeError);
    expect(() => at(tensor, ...index)).toThrow("of shape [2,3,4]");
  });

  it("has nothing along an axis of length 0", () => {
    expect(() => at({ shape: [0, 4], data: new Float32Array() }, 0)).toThrow(RangeError);
  });
});

describe("shapeAt", () => {
  it("gives the length of an axis and refuses one that is not there", () => {
    expect(shapeAt({ shape: [2, 0], data: new Float32Array() }, 1)).toBe(0);
    expect(() => shapeAt({ shape: [2], data: new Float32Array(2) }, 1)).toThrow(RangeError);
  });
});
