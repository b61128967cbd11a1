/** Text of strangers on a terminal: a vendor's session id or a subscriber's answer may hold what would move the cursor or colour it. */

const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

export const plain = (text: string): string => text.replaceAll(CONTROL, "\u{fffd}");

/** One line of JSON whose escapes are left as such. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    CONTROL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
