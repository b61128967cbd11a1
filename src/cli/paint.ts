/** Colours, by the names that Node gives them. */
import type { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

/** Returns the text as it is where nobody sees colours, or wants them. */
export type Paint = (style: Style, text: string) => string;
