/** Which way a text is read. */

/** Whether the first letter is of a script that is read from right to left. */
export const RIGHT_TO_LEFT =
  /^\P{L}*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
