/** A head that is offered: why it is worth seeing, and a way to it or to the next. */

export interface Offer {
  words: string;
  /** Which of how many it is. */
  place: string;
  /** The way on; null where there is none. */
  on: { words: string; title: string; go: () => void } | null;
}
