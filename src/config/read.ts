/** An untrusted document to a configuration, or to every fault it has. */
import * as v from "valibot";
import { refuseDestination, type Allowance } from "../core/destination.ts";
import { toPointer } from "../core/pointer.ts";
import { adapters } from "../vendors/registry.ts";
import { completeDocument } from "./complete.ts";
import type { Config } from "./config.ts";
import { describeDestination, toFault, type Fault } from "./faults.ts";
import { documentSchema, type ConfigDocument, type SourceDocument } from "./schema.ts";

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

const WEAK = new Set(["ip", "none"]);

function warn(document: ConfigDocument): Fault[] {
  const sources = Object.entries(document.sources).flatMap(([name, source]) => {
    const written = schemesOf(name, source).filter(({ isConjunct }) => !isConjunct);
    const hasStrong =
      written.some(({ scheme }) => !WEAK.has(scheme.scheme)) || source.verify.some((each) => "all" in each);
    const warnings = written
      .filter(({ scheme }) => hasStrong && WEAK.has(scheme.scheme))
      .map(({ path }) => ({
        path: toPointer(path),
        message: "a weak scheme beside a strong one: any one that passes suffices",
      }));
    const session = {
      path: toPointer(["sources", name, "session"]),
      message: "accepted; this version does not read sessions back yet",
    };
    return source.session ? [...warnings, session] : warnings;
  });
  const subscribers = Object.entries(document.subscribers).flatMap(([name, subscriber]) =>
    (["ratePerSecond", "concurrency"] as const)
      .filter((key) => subscriber[key] !== undefined)
      .map((key) => ({
        path: toPointer(["subscribers", name, key]),
        message: "accepted; this version does not enforce it yet",
      })),
  );
  return [...sources, ...subscribers];
}

function schemesOf(name: string, source: SourceDocument) {
  return source.verify.flatMap((each, index) => {
    const path = ["sources", name, "verify", index];
    if (!("all" in each)) return [{ scheme: each, path, isConjunct: false }];
    return each.all.map((scheme, position) => ({ scheme, path: [...path, "all", position], isConjunct: true }));
  });
}
