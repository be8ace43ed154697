/** TODO */

import { panel } from "../panel";
import type { TensorSource } from "../source";
import type { AppState } from "../state";
import { TOKENS } from "../texts/tokens";

export function tokensView(
  element: HTMLElement,
  state: AppState,
  _source: TensorSource,
  abort: AbortSignal,
): void {
  panel(element, "tokens", TOKENS, state, abort, () => null);
}
