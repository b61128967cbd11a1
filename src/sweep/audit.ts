/** Entries of the audit that were made while the ledger was out of reach. */
import type { AuditLedger, AuditParking } from "../core/audit.ts";
import { mapLimited } from "../core/limit.ts";

export interface AuditSweepDeps {
  audit: { ledger: Pick<AuditLedger, "write">; parking: Omit<AuditParking, "park"> };
}

const LIMIT = 200;
const READS_AT_A_TIME = 6;

/** Returns how many are in the ledger now. They are forgotten here only after, so that one may be brought there twice: it is one. */
export async function bringAuditHome({ audit: { ledger, parking } }: AuditSweepDeps): Promise<number> {
  const keys = await parking.parked(LIMIT);
  if (keys.length === 0) return 0;
  const read = await mapLimited(keys, READS_AT_A_TIME, (key) => parking.read(key));
  const entries = read.filter((entry) => entry !== undefined);
  await ledger.write(entries);
  // One that cannot be read keeps none of the others, and stays for somebody to look at.
  await parking.unpark(keys.filter((_key, index) => read[index] !== undefined));
  return entries.length;
}
