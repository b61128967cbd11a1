/** Columns that line up. */
import { plain } from "./plain.ts";
import type { Paint, Style } from "./paint.ts";

/** `undefined` is nothing. */
export type Cell = string | number | undefined | { text: string; style: Style };

const GAP = 2;

/** The first row may be headings: `headings(...)`. */
export function layOut(rows: readonly (readonly Cell[])[], paint: Paint): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, textOf(cell).length)));
  return rows.map((row) => {
    const last = row.findLastIndex((cell) => textOf(cell) !== "");
    return row
      .slice(0, last + 1)
      .map((cell, column) => {
        const padding = column === last ? "" : " ".repeat((widths[column] ?? 0) - textOf(cell).length + GAP);
        return `${typeof cell === "object" ? paint(cell.style, textOf(cell)) : textOf(cell)}${padding}`;
      })
      .join("");
  });
}

export const headings = (...names: readonly string[]): Cell[] =>
  names.map((name) => ({ text: name.toUpperCase(), style: "dim" }));

export const styled = (style: Style, text: string | undefined): Cell =>
  text === undefined ? undefined : { text, style };

function textOf(cell: Cell): string {
  if (cell === undefined) return "";
  return plain(typeof cell === "object" ? cell.text : String(cell));
}
