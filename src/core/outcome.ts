/**
 * The canonical outcome of a session: one vocabulary for every vendor's words.
 * `unknown` means that the gateway could not read a verdict; it never reads as `approved`.
 */
export const OUTCOMES = [
  "approved",
  "declined",
  "review",
  "pending",
  "abandoned",
  "expired",
  "error",
  "unknown",
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** A vendor's status words and what each means. */
export type OutcomeTable = Readonly<Record<string, Outcome>>;

const FINAL: ReadonlySet<Outcome> = new Set(["approved", "declined", "abandoned", "expired", "error"]);

/** Whether the vendor has nothing more to decide by itself. A human may still change it afterwards. */
export function isFinal(outcome: Outcome): boolean {
  return FINAL.has(outcome);
}

/**
 * Reads a vendor's status word: the source's own table first, then the vendor's default one.
 * A word that neither knows is `unknown`.
 */
export function readOutcome(word: string, overrides: OutcomeTable, defaults: OutcomeTable): Outcome {
  if (Object.hasOwn(overrides, word)) return overrides[word] ?? "unknown";
  if (Object.hasOwn(defaults, word)) return defaults[word] ?? "unknown";
  return "unknown";
}
