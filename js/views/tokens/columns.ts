/** What the table tells of each token or word, as text; what none of them has makes no column. */

import { widest } from "../../controls/table_in_sight";
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
  /** Of each row the tokens in it. */
  groups: readonly (readonly number[])[];
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
const CELL = 13; // CSS pixels of its letters
const PADDING = 7;

const exactText = ({ lead, text, trail }: TokenMeta): string => lead + text + trail;

/** What of it can be seen in a cell. */
function inSight(token: TokenMeta): string {
  const text = exactText(token);
  return text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL - 1)}…` : text;
}

/** Rows of which no head's queries see any token. */
export function unseenRows(
  masks: readonly MaskMeta[],
  groups: Listed["groups"],
): (row: number) => boolean {
  const inside = ({ hidden }: MaskMeta, key: number) =>
    hidden.some(([start = 0, stop = 0]) => start <= key && key < stop);
  return (row) =>
    masks.length > 0 &&
    masks.every((mask) => groups[row]?.every((key) => inside(mask, key)) ?? false);
}

export function columnsOf(listed: Listed): Column[] {
  const { tokens, toText, groups, roles, masks, as, same, say, numbers } = listed;
  const any = (has: (token: TokenMeta) => boolean) => tokens.some(has);
  const known = (value: number | null) => (value === null ? NOTHING : String(value));
  const columns: Column[] = [];
  const add = (
    key: Exclude<string & keyof typeof TOKENS, "help">,
    [least, grow]: readonly [number, number],
    cell: Column["cell"],
    more: Partial<Column> = {},
  ) => columns.push({ key, title: TOKENS[key], least, grow, end: true, cell, ...more });
  const addNumbers = (key: "id" | "word" | "step", size: readonly [number, number]) => {
    if (any((token) => token[key] !== null)) add(key, size, (token) => known(token[key]));
  };

  /** A word has those of its pieces. */
  const place = (_: TokenMeta, row: number) => {
    const first = toText[row] ?? null;
    const last = (first ?? 0) + (groups[row]?.length ?? 1) - 1;
    return first === null || first === last ? known(first) : `${first}–${last}`;
  };

  const isInWords = groups.some(({ length }) => length > 1);
  add("index", [isInWords ? 48 : 36, 0.5], place);
  add("token", [57, 2], ({ label }) => label, { end: false });
  addNumbers("step", [38, 0.5]);
  if (any(({ probability }) => probability !== null)) {
    add("probability", [72, 0.9], ({ probability }) =>
      probability === null ? NOTHING : numbers.share(Number(probability), 0),
    );
  }
  if (any(({ piece }) => piece !== null)) {
    const piece = ({ piece, label }: TokenMeta) => piece ?? label;
    add("piece", [isInWords ? 104 : 57, 1.8], piece, { end: false, about: TOKENS.pieceTitle });
  }
  if (any((token) => exactText(token) !== "")) {
    const text = (token: TokenMeta) => visibleBlanks(inSight(token)) || NOTHING;
    add("text", [57, 2], text, { end: false });
  }
  addNumbers("id", [46, 0.8]);
  addNumbers("word", [36, 0.6]);
  if (any(({ segment }) => segment !== null)) {
    const role = ({ segment }: TokenMeta) =>
      segment === null ? NOTHING : (roles[segment] ?? String(segment));
    const title = roles.length ? TOKENS.role : TOKENS.segment;
    const size = Math.max(36, widest(roles, CELL) + PADDING);
    add("segment", [Math.min(size, 90), 0.8], role, { title, end: !roles.length });
  }
  const yes = say(TOKENS.yes);
  const filler = any(({ padding }) => padding) ? say(TOKENS.padding) : "";
  const kind = ({ special, padding }: TokenMeta) => (padding ? filler : special ? yes : NOTHING);
  const wide = widest(filler ? [yes, filler] : [yes], CELL) + PADDING;
  add("special", [wide, filler ? 0.9 : 0.7], kind, { end: false });
  if (masks.length && (same || as === "key")) {
    const unseen = unseenRows(masks, groups);
    const seen = (_: TokenMeta, row: number) => (unseen(row) ? say(TOKENS.no) : yes);
    add("seen", [widest([yes, say(TOKENS.no)], CELL) + PADDING, 0.7], seen, {
      end: false,
      about: TOKENS.seenTitle,
    });
  }
  if (any(({ start }) => start !== null)) {
    const offsets = ({ start, end }: TokenMeta) =>
      start === null || end === null ? NOTHING : `${start}–${end}`;
    add("offsets", [62, 0.9], offsets, { about: TOKENS.offsetsTitle });
  }
  if (any(({ time }) => time !== null)) {
    add("time", [100, 1], ({ time }) => (time ? formatTime(time, say) : NOTHING));
  }
  if (any(({ box }) => box !== null)) {
    add("box", [118, 1.2], ({ box }) => (box ? box.join(", ") : NOTHING));
  }
  return columns;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

/** Rows and their titles for a spreadsheet; what would break a row is escaped. */
export function tsvOf(columns: readonly Column[], { tokens, say }: Listed): string {
  const escaped = (text: string) => text.replace(/[\\\t\n\r]/g, (sign) => ESCAPES[sign] ?? sign);
  const rows = tokens.map((token, row) =>
    columns.map(({ key, cell }) => escaped(key === "text" ? exactText(token) : cell(token, row))),
  );
  const titles = columns.map(({ title }) => say(title));
  return [titles, ...rows].map((cells) => cells.join("\t")).join("\n");
}
