/** TODO */

import { panel } from "../panel";
import type { TensorSource } from "../source";
import type { AppState } from "../state";
import { GRID } from "../texts/grid";

export function gridView(
  element: HTMLElement,
  state: AppState,
  _source: TensorSource,
  abort: AbortSignal,
): void {
  panel(element, "grid", GRID, state, abort, () => null);
}
