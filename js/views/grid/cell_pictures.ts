/** The pictures of the heads that are in sight, on a canvas. */

import { hatchLines } from "../../draw/hatch";
import { type Box, canvasPen } from "../../draw/pen";
import type { Head } from "../../state/choose_head";
import { type Atlas, atlas } from "./atlas";
import { columnsWithin, columnX, rowsWithin } from "./cells";
import type { GridStyle } from "./style";
import { linePixels, matrixPixels } from "./thumbnails";

/** Heads in sight with their pictures' places on the canvas. */
export function* inSight({ cells, sight }: GridStyle): Generator<{ head: Head; box: Box }> {
  const [first, last] = columnsWithin(cells, sight.x, sight.x + sight.width);
  for (const row of rowsWithin(cells, sight.y, sight.y + sight.height)) {
    for (let column = first; column < Math.min(last, row.heads.length); column++) {
      const head = row.heads[column];
      if (!head) continue;
      const x = sight.left + columnX(cells, column) - sight.x;
      const y = sight.top + row.y - sight.y;
      yield { head, box: { x, y, width: cells.wide, height: cells.size } };
    }
  }
}

const SIDES = [32, 64, 96, 128, 192];

/** Pixels of a picture of lines: about as many as the screen shows. */
const sideFor = (size: number, scale: number): number =>
  SIDES.find((side) => side >= size * scale) ?? 192;

export interface Pictures {
  paint(context: CanvasRenderingContext2D, style: GridStyle, scale: number): void;
  /** How many were made so far. */
  readonly made: number;
}

export function pictures(): Pictures {
  let kept: { atlas: Atlas; side: number; capacity: number } | null = null;
  let made = 0;

  /** With room for twice as many as are in sight, so that a little scrolling makes few anew. */
  function atlasFor(side: number, count: number): Atlas {
    if (!kept || kept.side !== side || kept.capacity < count) {
      const capacity = Math.max(64, 2 * count);
      kept = { atlas: atlas(capacity, side, side), side, capacity };
    }
    return kept.atlas;
  }

  function paint(context: CanvasRenderingContext2D, style: GridStyle, scale: number): void {
    const { cells, sight, picture, lost, hasPictures } = style;
    const heads = [...inSight(style)];
    const drawn = hasPictures ? heads : [];
    const side = picture === "lines" ? sideFor(cells.wide, scale) : 32;
    const { canvas, place } = atlasFor(side, drawn.length);
    const tileOf = ({ head, box }: { head: Head; box: Box }) => {
      const thumbnail = style.thumbnailOf(head);
      if (!thumbnail) return [];
      const shades = style.shadesOf(head);
      const corner = place(`${picture} ${style.nameOf(head)} ${shades.name} ${lost}`, () => {
        made += 1;
        return picture === "lines"
          ? linePixels(thumbnail, shades, lost, side)
          : matrixPixels(thumbnail, shades, lost);
      });
      const { columns, rows } = picture === "lines" ? { columns: side, rows: side } : thumbnail;
      return [{ ...corner, box, width: columns, height: rows }];
    };
    context.save();
    context.beginPath();
    context.rect(sight.left, sight.top, sight.width, sight.height);
    context.clip();
    for (const row of rowsWithin(cells, sight.y, sight.y + sight.height)) {
      if (!style.isShownLayer(row)) continue;
      context.fillStyle = style.band;
      const y = sight.top + row.y - sight.y - cells.gap / 2;
      const wide = columnX(cells, row.heads.length);
      context.fillRect(sight.left - sight.x, y, wide, row.height + cells.gap);
    }
    for (const { head, box } of heads) {
      const { x, y, width, height } = box;
      context.fillStyle = hasPictures ? style.ground : style.captionColours(head).colour;
      context.fillRect(x, y, width, height);
      const below = { x, y: y + height, width, height: cells.caption };
      if (cells.caption) {
        context.fillStyle = style.captionColours(head).colour;
        context.fillRect(x, below.y, width, cells.caption);
      }
      const colour = style.hatchOf(head);
      if (!colour) continue;
      canvasPen(context).lines(hatchLines(hasPictures ? below : box), { colour, width: 1 });
    }
    // First all are made, then all are copied: a canvas that is written to after it was drawn
    // from is copied as a whole.
    for (const { box, width, height, x, y } of drawn.flatMap(tileOf)) {
      context.imageSmoothingEnabled = width > box.width * scale; // cells stay sharp
      context.drawImage(canvas, x, y, width, height, box.x, box.y, box.width, box.height);
    }
    context.restore();
  }

  return {
    paint,
    get made() {
      return made;
    },
  };
}
