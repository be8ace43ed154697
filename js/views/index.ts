/** The table of views: a new one is a line here. */

import type { Views } from "../panel/panels";
import { atlas } from "./atlas";
import { attribution } from "./attribution";
import { calculation } from "./calculation";
import { grid } from "./grid";
import { heads } from "./heads";
import { lines } from "./lines";
import { matrix } from "./matrix";
import { neuron } from "./neuron";
import { passages } from "./passages";
import { positions } from "./positions";
import { predictions } from "./predictions";
import { text } from "./text";
import { tokens } from "./tokens";

export const VIEWS: Views = {
  lines,
  grid,
  neuron,
  matrix,
  tokens,
  text,
  heads,
  predictions,
  attribution,
  passages,
  positions,
  calculation,
  atlas,
};
