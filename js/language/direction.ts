/** Which way a text is read, and how a text stands in a sentence that is read the other way. */

/** Whether the first letter is of a script that is read from right to left. */
export const RIGHT_TO_LEFT =
  /^\P{L}*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Signs that nobody sees, and that steer in which direction others are read. */
const STEERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** What may turn its neighbours: scripts read from right to left, and signs that steer. */
const TURNING =
  /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066\u2067\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** From one of these to the other a text is read by its own first letter (UAX #9). */
const [ISOLATE, END] = ["\u2068", "\u2069"];
const ISOLATED = /\u2068[^\u2066-\u2069]*\u2069/g;

/** Signs that steer can be seen, as those of tokens are, and steer nothing. */
export const unsteered = (text: string): string =>
  text.replace(
    STEERING,
    (sign) => `‹U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`,
  );

/** A text from elsewhere, such as a token or a name, as a part of a sentence that it must not turn. */
export const isolated = (text: string): string => inIsolation(unsteered(text));

/** The same of a text that was put together here: what is isolated in it stays so. */
export function inIsolation(text: string): string {
  let rest = text;
  for (let before = ""; before !== rest; ) {
    before = rest;
    rest = rest.replace(ISOLATED, "");
  }
  return TURNING.test(rest) ? `${ISOLATE}${text}${END}` : text;
}

/** As much of a text as fits. The mark stands where the text would go on, whichever way it is read. */
export function shortened(text: string, fits: (shown: string) => boolean): string {
  const whole = unsteered(text);
  if (fits(whole)) return inIsolation(whole);
  const signs = [...whole];
  const first = (count: number) => `${signs.slice(0, count).join("")}…`;
  let [least, most] = [0, signs.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(first(middle))) least = middle;
    else most = middle - 1;
  }
  return inIsolation(first(least));
}
