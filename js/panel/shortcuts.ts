/** How a shortcut is described: the list that `?` shows is made of these. */

import type { Text } from "../language/say";

export interface ShortcutList {
  readonly where: Text;
  readonly shortcuts: readonly Shortcut[];
}

export interface Shortcut {
  /** Held down meanwhile. */
  readonly hold?: "Shift" | "Control";
  /** Any of these, by their names in KeyboardEvent. */
  readonly keys: readonly string[];
  readonly does: Text;
}

export const ENDS = ["Home", "End"] as const;
export const PAGES = ["PageUp", "PageDown"] as const;
export const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] as const;
