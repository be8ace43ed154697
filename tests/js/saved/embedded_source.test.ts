/** Tensors of a saved page: what is asked for in idleness keeps nothing waiting. */

import { expect, it } from "vitest";
import type { Archive, Manifest } from "../../../js/saved/archive";
import { embeddedSource } from "../../../js/saved/embedded_source";
import { settled } from "../helpers/host";

const KEYS = ["mask/encoder/0", "mask/encoder/1", "mask/encoder/2", "mask/encoder/3"];

/** An archive whose blocks are unpacked when the test says so. */
function pageOf() {
  const asked: number[] = [];
  const waiting = new Map<number, () => void>();
  const entries = Object.fromEntries(
    KEYS.map((key, block) => [key, { as: "plain", dtype: "uint8", shape: [1], block }]),
  );
  const archive: Archive = {
    manifest: {
      entries,
      held: {},
      scores: {},
      state: { meta: { comparison: null } },
    } as unknown as Manifest,
    bytes(block) {
      asked.push(block);
      return new Promise((resolve) => waiting.set(block, () => resolve(Uint8Array.of(block))));
    },
  };
  const source = embeddedSource(archive, {
    notIncluded: (key) => `no ${key}`,
    unreadable: () => "unreadable",
  });
  const unpack = (block: number) => {
    waiting.get(block)?.();
    return settled();
  };
  return { asked, unpack, source };
}

it("unpacks one after another in idleness, and at once what is wanted now", async () => {
  const { asked, unpack, source } = pageOf();
  const { signal } = new AbortController();
  const gone = new AbortController();
  const [a, b, c, d] = KEYS as [string, string, string, string];
  const idle = [a, b].map((key) => source.get(1, key, signal, "idle"));
  const dropped = source.get(1, c, gone.signal, "idle").catch((error: Error) => error.name);
  idle.push(source.get(1, d, signal, "idle"));
  await settled();
  expect(asked).toEqual([0]);
  const now = source.get(1, d, signal, "now");
  await settled();
  expect(asked).toEqual([0, 3]);
  await unpack(3);
  expect((await now).data[0]).toBe(3);
  gone.abort();
  await unpack(0);
  expect(asked).toEqual([0, 3, 1]);
  await unpack(1);
  expect(await dropped).toBe("AbortError");
  expect((await Promise.all(idle)).map(({ data }) => data[0])).toEqual([0, 1, 3]);
  expect(asked).toEqual([0, 3, 1]); // once each, and not what nobody waits for
});

it("goes on in idleness after what the page lacks", async () => {
  const { unpack, source } = pageOf();
  const { signal } = new AbortController();
  const lacking = source.get(1, "mask/encoder/9", signal, "idle");
  const next = source.get(1, "mask/encoder/0", signal, "idle");
  await expect(lacking).rejects.toThrow("no mask/encoder/9");
  await settled();
  await unpack(0);
  expect((await next).data[0]).toBe(0);
});
