/** An untrusted document to a configuration, or to every fault it has. */
import * as v from "valibot";
import { refuseDestination, type Allowance } from "../core/destination.ts";
import { toPointer } from "../core/pointer.ts";
import { adapters } from "../vendors/registry.ts";
import { completeDocument } from "./complete.ts";
import type { Config } from "./config.ts";
import { describeDestination, toFault, type Fault } from "./faults.ts";
import { documentSchema, schemesOf, type ConfigDocument } from "./schema.ts";
import { warn } from "./warnings.ts";

export type ReadConfig = { ok: true; config: Config; warnings: Fault[] } | { ok: false; faults: Fault[] };

/** `ownOrigins` are the gateway's, which may not subscribe to itself. */
export function readConfig(document: unknown, allowance: Allowance, ownOrigins: readonly string[]): ReadConfig {
  const parsed = v.safeParse(documentSchema, document);
  if (!parsed.success) return { ok: false, faults: parsed.issues.map(toFault) };
  const faults = [...checkSources(parsed.output), ...checkUrls(parsed.output, allowance, ownOrigins)];
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, config: completeDocument(parsed.output), warnings: warn(parsed.output) };
}

function checkSources(document: ConfigDocument): Fault[] {
  return Object.entries(document.sources).flatMap(([name, source]) => {
    const faults: Fault[] = [];
    for (const { scheme, path } of schemesOf(name, source)) {
      if (scheme.scheme === "hmac" && !scheme.header && !adapters[source.vendor].signature) {
        faults.push({
          path: toPointer([...path, "header"]),
          message: "missing: this vendor has no signature header of its own",
        });
      }
    }
    if (source.session && source.vendor === "seon") {
      faults.push({
        path: toPointer(["sources", name, "session"]),
        message: "SEON's webhook is complete; it has no session to read",
      });
    }
    return faults;
  });
}

function checkUrls(document: ConfigDocument, allowance: Allowance, ownOrigins: readonly string[]): Fault[] {
  const sources = Object.entries(document.sources).flatMap(([name, { session }]) => [
    { path: ["sources", name, "session", "baseUrl"], url: session?.baseUrl },
    { path: ["sources", name, "session", "tokenUrl"], url: session?.tokenUrl },
  ]);
  const subscribers = Object.entries(document.subscribers).map(([name, { url }]) => ({
    path: ["subscribers", name, "url"],
    url,
  }));
  return [...sources, ...subscribers].flatMap(({ path, url }) => {
    const fault = url === undefined ? undefined : refuseDestination(url, allowance, ownOrigins);
    return fault ? [{ path: toPointer(path), message: describeDestination(fault) }] : [];
  });
}
