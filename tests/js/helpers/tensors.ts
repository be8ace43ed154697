/** A source of tensors that a test answers by hand, and the promises of `TensorSource`. */

import { signal } from "@preact/signals-core";
import type { TensorSource } from "../../../js/tensors/source";
import type { Tensor } from "../../../js/trace/tensor";

interface Wish {
  run: number;
  key: string;
  signal: AbortSignal;
  resolve: (tensor: Tensor) => void;
  reject: (error: Error) => void;
}

export class HandSource implements TensorSource {
  readonly stalled = signal(false);
  readonly wishes: Wish[] = [];
  private readonly here = new Map<string, Tensor>();

  get(run: number, key: string, signal: AbortSignal): Promise<Tensor> {
    return new Promise((resolve, reject) => {
      this.wishes.push({ run, key, signal, resolve, reject });
      signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    });
  }

  peek(run: number, key: string): Tensor | undefined {
    return this.here.get(`${run}:${key}`);
  }

  get keys(): string[] {
    return this.wishes.map(({ key }) => key);
  }

  /** The latest wish for this key. */
  wishFor(key: string): Wish {
    const wish = this.wishes.filter((each) => each.key === key).at(-1);
    if (!wish) throw new Error(`nobody asked for ${key}; asked for: ${this.keys.join(" ")}`);
    return wish;
  }

  answer(key: string, tensor: Tensor): void {
    const wish = this.wishFor(key);
    this.put(wish.run, key, tensor);
    wish.resolve(tensor);
  }

  put(run: number, key: string, tensor: Tensor): void {
    this.here.set(`${run}:${key}`, tensor);
  }
}

export const tensorOf = (shape: readonly number[], ...numbers: number[]): Tensor => ({
  shape,
  data: Float32Array.from(numbers),
});
