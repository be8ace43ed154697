/** What a widget takes in memory: the other half is widget/memory_use.py. */

export interface MemoryQuestion {
  readonly name: "memory";
}

/** Work that takes more memory than is free, in bytes, see _util/free_memory.py. */
export interface Shortage {
  work: "reading" | "gradient" | "ranking";
  needed: number;
  free: number;
}

/** Bytes. */
export interface MemoryUse {
  /** 0 of an atlas alone, which has none. */
  trace: number;
  parts: Readonly<Record<string, number>>;
  /** Sent to the browser; what it holds it knows itself. */
  browser: number;
  /** Of a saved page, an estimate. */
  page: number;
  /** Null where there is no model. */
  model: number | null;
  /** What the view `atlas` shows; null where there is none. */
  atlas: number | null;
  free: number;
}
