/** The colour in which the name of a token is written on a canvas. */

import type { TokenMeta } from "../trace/contract";
import type { Inks } from "./inks";

/** Of the names of padding, in pixels. */
export const FILLER_SIZE = 9;

/** Special tokens are softer than those of the text, padding is faint. */
export const labelInk = (
  { ink, soft, edge }: Pick<Inks, "ink" | "soft" | "edge">,
  token: Pick<TokenMeta, "special" | "padding"> | undefined,
): string => (token?.padding ? edge : token?.special ? soft : ink);
