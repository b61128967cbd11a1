/** What the tests of erasure have in common: one person's sessions at two vendors, and what must not be found of them. */
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { hashSession } from "../../src/core/ids.ts";
import { openRegula, openReadingRoad, type RegulaAccount } from "../process/accounts.ts";
import type { Road } from "../road.ts";
import { sendRegula, sendSeon } from "../senders.ts";
import { tracesIn } from "../traces.ts";

// Each of these tests goes through days of the gateway's life, some of them once for each step.
vi.setConfig({ testTimeout: 60_000 });

export const NAME = "Ana Unmistakable";
export const DOCUMENT = "X-99-DOCUMENT";
export const PERSON = "customer-of-ours-77";
const MINUTE = 60_000;

export interface Erasing {
  road: Road;
  regula: RegulaAccount;
}

export async function openErasing(settings: object = {}): Promise<Erasing> {
  const road = await openReadingRoad(settings);
  // The local R2 stamps objects with the real time.
  road.clock.at = Date.now();
  return { road, regula: openRegula(road) };
}

export const seonBody = (
  id: string,
  members: { date?: string; event?: string; status?: string; person?: string } = {},
) =>
  JSON.stringify({
    date: members.date ?? "2026-02-03T10:20:29.000Z",
    event: members.event ?? "idv:session_finished",
    details: {
      sessionId: id,
      userId: members.person ?? PERSON,
      status: members.status ?? "APPROVED",
      name: NAME,
      documentNumber: DOCUMENT,
    },
  });

export const hookSeon = ({ road }: Erasing, id: string, members?: Parameters<typeof seonBody>[1]) =>
  sendSeon(road, seonBody(id, members));

/** With two files. */
export async function hookRegula({ road, regula }: Erasing, id: string): Promise<void> {
  regula.sessions.set(id, { status: 2, name: NAME, files: [`${id}-front`, `${id}-selfie`] });
  await sendRegula(road, { sessionId: id });
}

export const eraseSession = ({ road }: Erasing, source: string, id: string) =>
  road.admin(`/api/sessions/${source}/${id}`, "DELETE");

export const erasePerson = ({ road }: Erasing, person = PERSON) => road.admin(`/api/persons/${person}`, "DELETE");

/** Everything that could still happen, happens: messages, retries, sweeps, for more than a day. */
export async function settle({ road }: Erasing): Promise<void> {
  for (const minutes of [0, 6, 11, 61, 25 * 60]) {
    road.pass(minutes * MINUTE);
    await road.sweep();
    await road.drain();
  }
  await road.sweep();
}

const STORES = {
  archive: env.ARCHIVE,
  ledger: env.LEDGER,
  namespaces: { CONFIG: env.CONFIG, IDEMPOTENCY: env.IDEMPOTENCY, TOKENS: env.TOKENS },
};

export const tracesOf = (...needles: readonly string[]): Promise<string[]> => tracesIn(STORES, needles);

/** Who erased it, and who had opened it, is told of a hash. */
const KEPT = ["tombstones", "audit"];

/** Where anything is left of a session but that. */
export async function leftOf(source: string, id: string): Promise<string[]> {
  const hash = await hashSession(source, id);
  return (await tracesOf(id, NAME, NAME.toUpperCase(), DOCUMENT, hash)).filter((place) => !KEPT.includes(place));
}
