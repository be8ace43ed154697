/** An atlas alone: no model has read a text, and the heads are all that there is to select. */

import type { Meta } from "./description";

export const isAtlasAlone = ({ read_only }: Pick<Meta, "read_only">): boolean =>
  read_only === "atlas";
