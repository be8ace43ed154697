/** The table of views: a new one is a line here. */

import type { AppState } from "../state/app_state";
import { ungrouped } from "../state/ungrouped";
import type { TensorSource } from "../tensors/source";
import type { ViewName } from "../trace/options";
import { gridView } from "./grid";
import { linesView } from "./lines";
import { matrixView } from "./matrix";
import { neuronView } from "./neuron";
import { textView } from "./text";
import { tokensView } from "./tokens";

type View = (
  element: HTMLElement,
  state: AppState,
  source: TensorSource,
  abort: AbortSignal,
) => void;

export const VIEWS: Record<ViewName, View> = {
  lines: linesView,
  grid: gridView,
  neuron: (element, state, ...rest) => neuronView(element, ungrouped(state), ...rest),
  matrix: matrixView,
  tokens: (element, state, ...rest) => tokensView(element, ungrouped(state), ...rest),
  text: textView,
};
