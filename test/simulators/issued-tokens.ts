/** Tokens that a simulated vendor has issued: valid for a while, unless a test ends them early. */
import type { Invention } from "./invention.ts";

export interface IssuedTokens {
  issue(): string;
  isValid(token: string | undefined): boolean;
  /** Ends all that were issued so far. */
  revoke(): void;
  /** How many were issued. */
  count(): number;
}

/** @param now epoch milliseconds */
export function createIssuedTokens(invention: Invention, lifetimeSeconds: number, now: () => number): IssuedTokens {
  const ends = new Map<string, number>();
  let count = 0;
  return {
    issue() {
      const token = invention.hex(64);
      ends.set(token, now() + lifetimeSeconds * 1000);
      count += 1;
      return token;
    },
    isValid: (token) => token !== undefined && now() < (ends.get(token) ?? 0),
    revoke: () => ends.clear(),
    count: () => count,
  };
}
