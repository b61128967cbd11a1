/** What a vendor signs, as a text with words in braces: `{timestamp}.{body}`. */

const WORDS = ["body", "timestamp", "url", "path", "method"] as const;

/** `text` stands as it is written; a header's value stands as it came. */
export type SignedPart =
  | { kind: (typeof WORDS)[number] }
  | { kind: "text"; text: string }
  | { kind: "header"; name: string };

export const SIGNED_WORDS = [...WORDS.map((word) => `{${word}}`), "{header:Name}"].join(", ");

const HEADER = /^header:([!#$%&'*+.^_`|~0-9A-Za-z-]{1,128})$/;

/** `undefined` where a word is none of these, or a brace is left over. */
export function parseSigned(template: string): SignedPart[] | undefined {
  const parts = template
    .split(/(\{[^{}]*\})/)
    .filter((piece) => piece !== "")
    .map(toPart);
  return parts.includes(undefined) ? undefined : (parts as SignedPart[]);
}

function toPart(piece: string): SignedPart | undefined {
  if (!/[{}]/.test(piece)) return { kind: "text", text: piece };
  const inner = /^\{(.*)\}$/s.exec(piece)?.[1] ?? "";
  const word = WORDS.find((each) => each === inner);
  if (word) return { kind: word };
  const name = HEADER.exec(inner)?.[1];
  return name === undefined ? undefined : { kind: "header", name };
}

/** Whether a change of the webhook's content would show. */
export const coversBody = (parts: readonly SignedPart[]): boolean => parts.some(({ kind }) => kind === "body");

/** Whether nobody but the signer could have written the time that stands in this header, or in the signature's own. */
export function coversTimestamp(parts: readonly SignedPart[], header: string | undefined): boolean {
  return parts.some(
    (part) =>
      part.kind === "timestamp" || (part.kind === "header" && part.name.toLowerCase() === header?.toLowerCase()),
  );
}
