/** A token or a name in the quotation marks of the language. */

import { isolated } from "./direction";
import type { Say, Text } from "./say";

const QUOTED: Text = { en: "“{text}”", vi: "“{text}”", ru: "«{text}»" };

export const quoted = (say: Say, text: string): string => say(QUOTED, { text: isolated(text) });
