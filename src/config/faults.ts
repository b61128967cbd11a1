/** What is wrong with a configuration, by JSON Pointer, in words that say what was expected and repeat nothing. */
import type * as v from "valibot";
import { nearest } from "../core/nearest.ts";
import { toPointer } from "../core/pointer.ts";
import type { DestinationFault } from "../core/destination.ts";

export interface Fault {
  path: string;
  message: string;
  /** The names that would do, where there is a list of them. */
  expected?: readonly string[];
  /** The one of them that is spelled most like what was written. */
  suggestion?: string | undefined;
}

/** More than anybody mends at once, and an answer that can still be made. */
export const MOST_FAULTS = 1000;

/** A longer list helps nobody, and there may be one for each fault. */
const MOST_NAMES = 50;

/** Each is compared with what was written, for every fault that is told. */
const MOST_COMPARED = 300;

/** @param written what stands there: it is compared with the names that would do, and not repeated */
export function faultOf(
  path: readonly (string | number)[],
  message: string,
  written?: unknown,
  names?: readonly string[],
): Fault {
  return {
    path: toPointer(path),
    message,
    ...(names && names.length <= MOST_NAMES && { expected: names }),
    // Looked for once it is told: of a document there may be more faults than anybody is told of.
    get suggestion() {
      return typeof written === "string" && names ? nearest(written, names.slice(0, MOST_COMPARED)) : undefined;
    },
  };
}

const OWN_MESSAGES = new Set(["regex", "check", "raw_check", "url", "min_length"]);

export function toFault(issue: v.BaseIssue<unknown>): Fault {
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  // The library asks a list, too, for the member that says which variant it is.
  if (typeof path.at(-1) === "string" && Array.isArray(issue.path?.at(-1)?.input))
    return faultOf(path.slice(0, -1), "expected an object");
  const names = issue.type === "strict_object" ? undefined : namesIn(issue.expected);
  return faultOf(path, describe(issue, names), issue.input, names);
}

/** The library says `("a" | "b")`. */
function namesIn(expected: string | null): string[] | undefined {
  const quoted = [...(expected ?? "").matchAll(/"([^"]*)"/g)].map(([, name = ""]) => name);
  return quoted.length > 0 ? quoted : undefined;
}

function describe(issue: v.BaseIssue<unknown>, names: readonly string[] = []): string {
  if (OWN_MESSAGES.has(issue.type) && issue.message.startsWith("expected")) return issue.message;
  switch (issue.type) {
    case "strict_object":
      return issue.expected?.startsWith('"') ? "missing: this key is required" : "expected an object";
    case "record":
    case "never":
      return "expected an object";
    case "picklist":
    case "variant":
    case "literal":
      if (names.length === 0) return "expected an object";
      return `${issue.received === "undefined" ? "missing: " : ""}${oneOf(names)}`;
    case "min_value":
      return `expected at least ${String(issue.requirement)}`;
    case "max_value":
      return `expected at most ${String(issue.requirement)}`;
    case "min_length":
      return "expected not to be empty";
    case "max_length":
    case "max_entries":
      return `expected at most ${String(issue.requirement)} characters or elements`;
    case "integer":
      return "expected a whole number";
    default:
      return `expected ${issue.expected ?? "something else"}`;
  }
}

export const oneOf = (names: readonly string[]): string => `expected one of ${names.join(", ")}`;

const DESTINATION_WORDS: Readonly<Record<DestinationFault, string>> = {
  not_a_url: "expected an absolute URL",
  not_https: "expected https; plain http is only for hosts named in EGRESS_ALLOW",
  has_credentials: "expected a URL without user name and password; use auth",
  cloud_metadata: "a cloud's metadata address is never called",
  not_public: "expected a public host; private ones must be named in EGRESS_ALLOW",
  own_origin: "this is the gateway itself; its events would come back for ever",
};

export function describeDestination(fault: DestinationFault): string {
  return DESTINATION_WORDS[fault];
}
