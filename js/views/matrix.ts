/** TODO */

import { panel } from "../panel";
import type { TensorSource } from "../source";
import type { AppState } from "../state";
import { MATRIX } from "../texts/matrix";

export function matrixView(
  element: HTMLElement,
  state: AppState,
  _source: TensorSource,
  abort: AbortSignal,
): void {
  panel(element, "matrix", MATRIX, state, abort, () => null);
}
