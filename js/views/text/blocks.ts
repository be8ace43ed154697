/**
 * A long text in blocks that the browser lays out and paints one by one, and only those in sight.
 * They end where a line ends: where the text breaks it, or else where the width does.
 */

import { h } from "../../browser/dom";
import { RIGHT_TO_LEFT } from "../../language/direction";

/** Units in one block, at least. A text of fewer than twice as many is one. */
const BLOCK_UNITS = 200;

/** One unit with what stands before and after it. */
export interface Part {
  /** What stands before it, on a line of its own. */
  heading: HTMLElement | null;
  lead: string;
  /** None for a unit that is hidden. */
  node: HTMLElement | null;
  trail: string;
  /** Of the unit, as far as it is part of the text. */
  text: string;
}

export interface Blocks {
  /** Cuts anew, for another width. */
  cut(): void;
  /** First units of the blocks in sight of a scroller, and one past their last. */
  inSight(scroller: Element): [number, number][];
}

interface Block {
  element: HTMLElement;
  first: number;
}

/** `parts` in the order of the text; one that stands elsewhere is null. */
export function blocksOf(element: HTMLElement, parts: readonly (Part | null)[]): Blocks {
  const isLong = parts.length >= 2 * BLOCK_UNITS;
  let blocks: Block[] = [];

  function draw(breaks: ReadonlySet<number>): void {
    blocks = [];
    let children: (Node | string)[] = [];
    let first = 0;
    let line = "";
    let direction: string | null = null;
    /** `rest`: what the line that the next block goes on with began with. */
    const close = (next: number, rest: string | null) => {
      const block = h("div", { class: "aw-block" }, ...children);
      if (direction) block.dataset.line = direction;
      blocks.push({ element: block, first });
      [children, first] = [[], next];
      direction = rest === null ? null : RIGHT_TO_LEFT.test(rest) ? "rtl" : "ltr";
    };
    parts.forEach((part, index) => {
      if (!part) return;
      let { lead } = part;
      if (isLong && index > first && breaks.has(index)) {
        // The end of a block breaks the line, as the first break before the unit would.
        const own = lead.includes("\n");
        const begins = own || part.heading !== null || line === "";
        const cut = own ? lead.indexOf("\n") + 1 : begins ? 0 : lead.length;
        children.push(lead.slice(0, cut));
        close(index, begins ? null : line);
        lead = lead.slice(cut);
      }
      if (part.heading) children.push(part.heading);
      children.push(lead, ...(part.node ? [part.node] : []), part.trail);
      const said = part.lead + part.text + part.trail;
      const start = said.lastIndexOf("\n") + 1;
      if (start || part.heading) line = said.slice(start);
      else if (!/\p{L}/u.test(line)) line += said; // its first letter is all that counts
    });
    if (!isLong) {
      element.replaceChildren(...children);
      return;
    }
    close(parts.length, null);
    element.replaceChildren(...blocks.map((block) => block.element));
  }

  /** Where the text itself breaks the line. */
  function ownBreaks(): Set<number> {
    const found = new Set<number>();
    let count = 0;
    parts.forEach((part, index) => {
      if (!part) return;
      const before = parts[index - 1];
      const breaks =
        part.heading !== null ||
        part.lead.includes("\n") ||
        /\n$/.test((before?.text ?? "") + (before?.trail ?? ""));
      if (breaks && count >= BLOCK_UNITS) {
        found.add(index);
        count = 0;
      }
      count += 1;
    });
    return found;
  }

  /** Where the width breaks lines of what is still longer than two blocks. */
  function widthBreaks(): number[] {
    const found: number[] = [];
    blocks.forEach(({ element: block, first }, place) => {
      const end = blocks[place + 1]?.first ?? parts.length;
      if (end - first < 2 * BLOCK_UNITS) return;
      block.style.contentVisibility = "visible"; // to be laid out whole, this once
      let count = 0;
      let bottom = Number.POSITIVE_INFINITY;
      for (let index = first; index < end; index++) {
        const part = parts[index];
        const boxes = part?.node?.getClientRects();
        if (!part || !boxes?.length) continue;
        const [top, last] = [boxes[0] as DOMRect, boxes[boxes.length - 1] as DOMRect];
        const isNewLine = (top.top + top.bottom) / 2 > bottom;
        if (isNewLine && count >= BLOCK_UNITS && /\s$/.test(part.lead)) {
          found.push(index);
          count = 0;
        }
        bottom = last.bottom;
        count += 1;
      }
    });
    return found;
  }

  const own = ownBreaks();
  const cut = () => {
    draw(own);
    const more = isLong && element.isConnected ? widthBreaks() : [];
    if (more.length) draw(new Set([...own, ...more]));
  };
  cut();
  return {
    cut: () => {
      if (isLong) cut();
    },
    inSight(scroller) {
      if (!blocks.length) return [[0, parts.length]];
      const sight = scroller.getBoundingClientRect();
      return blocks.flatMap(({ element: block, first }, place): [number, number][] => {
        const { top, bottom } = block.getBoundingClientRect();
        const end = blocks[place + 1]?.first ?? parts.length;
        return bottom >= sight.top && top <= sight.bottom ? [[first, end]] : [];
      });
    },
  };
}
