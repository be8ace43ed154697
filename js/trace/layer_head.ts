/** A head of the kind of attention that is shown. */
export interface LayerHead {
  readonly layer: number;
  readonly head: number;
}

export const isSameHead = (a: LayerHead, b: LayerHead): boolean =>
  a.layer === b.layer && a.head === b.head;
