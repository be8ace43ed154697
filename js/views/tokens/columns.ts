/** What the table of tokens tells of each, as text; what no token has makes no column. */

import { formatTime } from "../../language/descriptions";
import type { Numbers } from "../../language/numbers";
import type { Say, Text } from "../../language/say";
import type { Hover } from "../../state/app_state";
import type { MaskMeta, TokenMeta } from "../../trace/contract";
import { TOKENS } from "./texts";

export interface Column {
  key: string;
  title: Text;
  /** What the title means, where it is not plain. */
  about?: Text;
  /** CSS pixels that it needs, and its share of what is left. */
  least: number;
  grow: number;
  end: boolean;
  cell: (token: TokenMeta, row: number) => string;
}

export interface Listed {
  tokens: readonly TokenMeta[];
  toText: readonly (number | null)[];
  roles: readonly string[];
  /** Of the layer that is looked at, for the list of keys; empty where it is not known. */
  masks: readonly MaskMeta[];
  as: Hover["as"];
  same: boolean;
  say: Say;
  numbers: Numbers;
}

const NOTHING = "–";
const SHOWN: Readonly<Record<string, string>> = { " ": "·", "\n": "↵", "\t": "→", "\r": "␍" };

/** Blanks as signs: a reader sees which of them a token holds. */
export const visibleBlanks = (text: string): string =>
  text.replace(/[\s\u200b-\u200d\u2060\ufeff]/g, (blank) => {
    const sign = SHOWN[blank];
    return sign ?? `⟨U+${blank.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });

const LONGEST_CELL = 1000;

export const exactText = ({ lead, text, trail }: TokenMeta): string => lead + text + trail;

/** What of it can be seen in a cell. */
function inSight(token: TokenMeta): string {
  const text = exactText(token);
  return text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL - 1)}…` : text;
}

/** Keys that no head's queries see. */
export function unseenKeys(masks: readonly MaskMeta[]): (key: number) => boolean {
  const inside = ({ hidden }: MaskMeta, key: number) =>
    hidden.some(([start = 0, stop = 0]) => start <= key && key < stop);
  return (key) => masks.length > 0 && masks.every((mask) => inside(mask, key));
}

export function columnsOf(listed: Listed): Column[] {
  const { tokens, toText, roles, masks, as, same, say, numbers } = listed;
  const any = (has: (token: TokenMeta) => boolean) => tokens.some(has);
  const known = (value: number | null) => (value === null ? NOTHING : String(value));
  const columns: Column[] = [
    {
      key: "index",
      title: TOKENS.index,
      least: 36,
      grow: 0.5,
      end: true,
      cell: (_, row) => known(toText[row] ?? null),
    },
    {
      key: "token",
      title: TOKENS.token,
      least: 64,
      grow: 2,
      end: false,
      cell: ({ label }) => label,
    },
  ];
  const add = (
    key: string,
    title: Text,
    [least, grow]: readonly [number, number],
    cell: Column["cell"],
    { end = true, about }: { end?: boolean; about?: Text } = {},
  ) => columns.push({ key, title, least, grow, end, cell, ...(about ? { about } : {}) });

  if (any((token) => exactText(token) !== "")) {
    add("text", TOKENS.text, [64, 2], (token) => visibleBlanks(inSight(token)) || NOTHING, {
      end: false,
    });
  }
  if (any(({ id }) => id !== null)) {
    add("id", TOKENS.id, [46, 0.8], ({ id }) => known(id));
  }
  if (any(({ word }) => word !== null)) {
    add("word", TOKENS.word, [36, 0.6], ({ word }) => known(word));
  }
  if (any(({ segment }) => segment !== null)) {
    const role = (segment: number | null) =>
      segment === null ? NOTHING : (roles[segment] ?? String(segment));
    const title = roles.length ? TOKENS.role : TOKENS.segment;
    add("segment", title, [52, 0.8], ({ segment }) => role(segment), {
      end: !roles.length,
    });
  }
  const yesNo = (value: boolean) => say(value ? TOKENS.yes : TOKENS.no);
  add(
    "special",
    TOKENS.special,
    [44, 0.7],
    ({ special }) => (special ? say(TOKENS.yes) : NOTHING),
    {
      end: false,
    },
  );
  if (masks.length && (same || as === "key")) {
    const unseen = unseenKeys(masks);
    add("seen", TOKENS.seen, [44, 0.7], (_, row) => yesNo(!unseen(row)), {
      end: false,
      about: TOKENS.seenTitle,
    });
  }
  if (any(({ start }) => start !== null)) {
    const offsets = ({ start, end }: TokenMeta) =>
      start === null || end === null ? NOTHING : `${start}–${end}`;
    add("offsets", TOKENS.offsets, [62, 0.9], offsets, { about: TOKENS.offsetsTitle });
  }
  if (any(({ step }) => step !== null)) {
    add("step", TOKENS.step, [38, 0.5], ({ step }) => known(step));
  }
  if (any(({ probability }) => probability !== null)) {
    add("probability", TOKENS.probability, [72, 0.9], ({ probability }) =>
      probability === null ? NOTHING : numbers.weight(Number(probability)),
    );
  }
  if (any(({ time }) => time !== null)) {
    add("time", TOKENS.time, [100, 1], ({ time }) => (time ? formatTime(time, say) : NOTHING));
  }
  if (any(({ box }) => box !== null)) {
    add("box", TOKENS.box, [118, 1.2], ({ box }) => (box ? box.join(", ") : NOTHING));
  }
  return columns;
}

/** Rows and their titles for a spreadsheet; what would break a row is escaped. */
export function tsvOf(columns: readonly Column[], listed: Listed): string {
  const escaped = (text: string) =>
    text.replace(/[\\\t\n\r]/g, (sign) => {
      return { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" }[sign] ?? sign;
    });
  const cell = (column: Column, token: TokenMeta, row: number) =>
    column.key === "text" ? exactText(token) : column.cell(token, row);
  const rows = listed.tokens.map((token, row) =>
    columns.map((column) => escaped(cell(column, token, row))).join("\t"),
  );
  return [columns.map(({ title }) => listed.say(title)).join("\t"), ...rows].join("\n");
}
