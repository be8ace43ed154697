/** A line to the kernel that a test cuts by hand. */

import { type Signal, signal } from "@preact/signals-core";
import type { Connection } from "../../../js/transport/connection";

export interface HandConnection extends Connection {
  readonly gone: Signal<boolean>;
  readonly executing: Signal<boolean | null>;
}

export function live(): HandConnection {
  const gone = signal(false);
  return {
    gone,
    executing: signal(null),
    cells: true,
    lost: () => {
      gone.value = true;
    },
  };
}
