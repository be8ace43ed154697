/** What the widget takes in memory, for who asks: a line in the settings. */

import { signal } from "@preact/signals-core";
import { button, h } from "../browser/dom";
import { fixed, type Say } from "../language/say";
import { type AppState, watch } from "../state/app_state";
import type { TensorSource } from "../tensors/source";
import type { MemoryUse } from "../trace/memory";
import type { Kernel } from "../transport/kernel";
import { MEMORY } from "./texts/memory";

/** Asked each time that it is opened, for the numbers change. `source` is what came by now. */
export function memoryLine(
  state: AppState,
  kernel: Kernel,
  source: TensorSource,
  abort: AbortSignal,
): readonly [HTMLElement, HTMLElement] {
  const { say } = state;
  const isOpen = signal(false);
  const inBrowser = signal(0);
  const use = signal<MemoryUse | null>(null);
  const toggle = button(
    say(MEMORY.name),
    { "data-setting": "memory", title: say(MEMORY.title) },
    abort,
    () => {
      isOpen.value = !isOpen.value;
      if (isOpen.value) ask();
    },
  );
  const line = h("p", { class: "aw-memory" });

  function ask(): void {
    inBrowser.value = source.bytes?.() ?? 0;
    const { run } = state.meta.peek();
    kernel.question(run, { name: "memory" }, { signal: abort }).then(
      (answer) => {
        use.value = answer;
      },
      () => {
        use.value = null; // no kernel: what the page holds it knows without
      },
    );
  }

  watch(abort, () => {
    const { value: opened } = isOpen;
    toggle.setAttribute("aria-expanded", String(opened));
    line.hidden = !opened;
    line.textContent = partsOf(say, use.value, inBrowser.value, kernel.pageBytes).join(" · ");
  });
  return [toggle, line];
}

export function partsOf(say: Say, use: MemoryUse | null, held: number, page?: number): string[] {
  const part = (text: (typeof MEMORY)["trace"], bytes: number) =>
    say(text, { size: sizeIn(say, bytes) });
  const browser = part(MEMORY.browser, held);
  if (page !== undefined) return [part(MEMORY.thisPage, page), browser];
  if (!use) return [browser];
  return [
    ...(use.trace === 0 ? [] : [part(MEMORY.trace, use.trace)]),
    ...(use.atlas === null ? [] : [part(MEMORY.atlas, use.atlas)]),
    browser,
    part(MEMORY.page, use.page),
    ...(use.model === null ? [] : [part(MEMORY.model, use.model)]),
    part(MEMORY.free, use.free),
  ];
}

/** Bytes in the unit that suits them, as in_words in _util/sizes.py writes them. */
export function sizeIn(say: Say, bytes: number): string {
  if (bytes < 999_500) return say(MEMORY.kB, { n: fixed(bytes / 1e3, 0) });
  if (bytes < 999_950_000) return say(MEMORY.MB, { n: fixed(bytes / 1e6, 1) });
  return say(MEMORY.GB, { n: fixed(bytes / 1e9, 1) });
}
