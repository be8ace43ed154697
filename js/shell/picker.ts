/** What steers every view: which attention, which layer, which heads. */

import type { AppState } from "../state/app_state";
import type { Model } from "../tensors/answer";
import { headPicker } from "./head_picker";
import { kindList, layerList } from "./layer_list";

export function picker(
  element: HTMLElement,
  state: AppState,
  model: Model,
  abort: AbortSignal,
): void {
  element.classList.add("aw-picker");
  element.append(kindList(state, abort), layerList(state, abort), headPicker(state, model, abort));
}
