/** What is wrong with a configuration, by JSON Pointer, in words that say what was expected and repeat nothing. */
import type * as v from "valibot";
import { toPointer } from "../core/pointer.ts";
import type { DestinationFault } from "../core/destination.ts";

export interface Fault {
  path: string;
  message: string;
}

const OWN_MESSAGES = new Set(["regex", "check", "raw_check", "url", "min_length"]);

export function toFault(issue: v.BaseIssue<unknown>): Fault {
  const path = toPointer((issue.path ?? []).map((item) => item.key as string | number));
  return { path, message: describe(issue) };
}

function describe(issue: v.BaseIssue<unknown>): string {
  if (OWN_MESSAGES.has(issue.type) && issue.message.startsWith("expected")) return issue.message;
  switch (issue.type) {
    case "strict_object":
      if (issue.expected === "never") return "unknown key";
      return issue.expected?.startsWith('"') ? "missing: this key is required" : "expected an object";
    case "record":
    case "never":
      return "expected an object";
    case "picklist":
    case "variant":
    case "literal":
      return `expected one of ${issue.expected?.replace(/^\(|\)$/g, "").replaceAll(" | ", ", ")}`;
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
