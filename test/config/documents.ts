/** What is read of the example of the public documentation, changed or not. */
import { readAllowance } from "../../src/core/destination.ts";
import { readConfig, type ReadConfig } from "../../src/config/read.ts";

export { changed, EXAMPLE, REMOVED } from "./example.ts";

export const OWN_ORIGIN = "https://gateway.example";

export function read(document: unknown, allow?: string): ReadConfig {
  return readConfig(document, readAllowance(allow), [OWN_ORIGIN]);
}

export function faultsOf(document: unknown, allow?: string) {
  const reading = read(document, allow);
  return reading.ok ? [] : reading.faults;
}

export const pathsOf = (document: unknown, allow?: string) => faultsOf(document, allow).map(({ path }) => path);
