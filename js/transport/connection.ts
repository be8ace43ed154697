/**
 * Whether anybody answers. A notebook tells a view little of its kernel, in three ways: the
 * Jupyter widgets mark the element of a view whose kernel is gone, the widget manager hands out its
 * kernel, and a message that cannot be sent throws.
 */

import { type ReadonlySignal, signal } from "@preact/signals-core";
import { onAbort } from "../browser/dom";
import { listenToKernel } from "./notebook_kernel";

export interface Connection {
  /** The kernel that made the widget has ended or was restarted: no answer will come. */
  readonly gone: ReadonlySignal<boolean>;
  /** A cell is being run, which answers may have to wait for; null where no one tells. */
  readonly executing: ReadonlySignal<boolean | null>;
  /** There is a notebook around it, whose cells can be run again; else a page that was saved. */
  readonly cells: boolean;
  /** A message could not be sent. */
  lost(): void;
}

/** Set by DOMWidgetView of @jupyter-widgets/base, before the view is rendered and ever after. */
const DISCONNECTED = "jupyter-widgets-disconnected";

export function connectionOf(el: HTMLElement, manager: unknown, abort: AbortSignal): Connection {
  let marked = el.classList.contains(DISCONNECTED);
  const exported = "__MARIMO_STATIC__" in window; // by `marimo export html`
  const gone = signal(marked || exported);
  const executing = signal<boolean | null>(null);
  const lost = () => {
    gone.value = true;
  };
  const observer = new MutationObserver(() => {
    const now = el.classList.contains(DISCONNECTED);
    if (now === marked) return; // other classes come and go
    marked = now;
    gone.value = now || exported;
  });
  observer.observe(el, { attributeFilter: ["class"] });
  onAbort(abort, () => observer.disconnect());
  listenToKernel(
    manager,
    {
      ended: lost,
      executing: (now) => {
        executing.value = now;
      },
    },
    abort,
  );
  return { gone, executing, cells: !exported && !isPageOfWidgets(manager), lost };
}

/** Notebooks' widget managers know their kernel; that of html-manager, which has none, does not. */
function isPageOfWidgets(manager: unknown): boolean {
  if (typeof manager !== "object" || manager === null) return false;
  return !["kernel", "comm_manager", "context", "notebook"].some((name) => name in manager);
}
