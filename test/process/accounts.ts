/** A source whose sessions are read back, and its account at the vendor, answered for within the isolate. */
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS } from "../senders.ts";

export const REGULA_URL = "https://regula.example.com";
export const INCODE_URL = "https://incode.example.com";

export const API_SECRETS = {
  ...SECRETS,
  "regula-api": "marker-regula-api-key",
  "incode-api": "marker-incode-api-key",
  "incode-password": "marker-incode-password",
};

const { regula, incode, open } = CONFIGURATION.sources;
const REGULA_SESSION = { baseUrl: REGULA_URL, apiKey: { secret: "regula-api" } };
const INCODE_SESSION = {
  baseUrl: INCODE_URL,
  apiKey: { secret: "incode-api" },
  login: { email: "reader@example.com", password: { secret: "incode-password" } },
  fetch: ["score"],
};

/** @param settings of Regula's `session` block; `null` leaves it out */
export function configurationOf(settings: object | null = {}, source: object = {}): typeof CONFIGURATION {
  const session = settings === null ? {} : { session: { ...REGULA_SESSION, ...settings } };
  const sources = {
    ...CONFIGURATION.sources,
    regula: { ...regula, ...session, ...source },
    open: { ...open, ...session },
    incode: { ...incode, session: INCODE_SESSION },
  };
  return { ...CONFIGURATION, sources };
}

export const openReadingRoad = (
  settings?: object,
  source?: object,
  secrets: Partial<typeof API_SECRETS> = API_SECRETS,
) => openRoad(configurationOf(settings, source), secrets);

export async function configure(road: Road, settings: object | null, source: object = {}): Promise<void> {
  const put = await road.admin("/api/config", "PUT", configurationOf(settings, source));
  if (!put.ok) throw new Error(await put.text());
}

export interface Asked {
  method: string;
  path: string;
  /** Of the test's clock, seconds since the account was opened. */
  second: number;
  headers: Headers;
}

type Answering = (path: string) => Response | Error | undefined;

/** An account of Regula's: sessions by id, each with the names of its files; what a file holds is made from its name. */
export function openRegula(road: Road) {
  const openedAt = road.clock.at;
  const asked: Asked[] = [];
  const account = {
    asked,
    sessions: new Map<string, { status: number; files?: readonly string[]; name?: string }>(),
    /** Asked before the account; what it returns is the answer, or the failure of the connection. */
    trouble: (() => undefined) as Answering,
    count: (path: RegExp) => asked.filter((each) => path.test(each.path)).length,
    /** When it was asked; a question that is repeated there and then counts as one. */
    seconds: (path = /./) => [...new Set(asked.filter((each) => path.test(each.path)).map(({ second }) => second))],
    next(...answers: (Response | Error | undefined)[]): void {
      account.trouble = () => answers.shift();
    },
  };
  road.vendors = async (request) => {
    const { pathname, origin } = new URL(request.url);
    if (origin !== REGULA_URL) return undefined;
    const second = Math.round((road.clock.at - openedAt) / 1000);
    asked.push({ method: request.method, path: pathname, second, headers: request.headers });
    const trouble = account.trouble(pathname);
    if (trouble instanceof Error) throw trouble;
    if (trouble) return trouble;
    const file = /^\/files\/([^/]+)\/(.+)$/.exec(pathname);
    if (file) return new Response(contentOf(file[2] ?? ""), { headers: { "content-type": "image/jpeg" } });
    const id = /^\/api\/sessions\/([^/]+)$/.exec(pathname)?.[1] ?? "";
    const session = account.sessions.get(id);
    return session ? Response.json(answerOf(id, session)) : new Response("no such session", { status: 404 });
  };
  return account;
}

export type RegulaAccount = ReturnType<typeof openRegula>;

function answerOf(id: string, session: { status: number; files?: readonly string[]; name?: string }) {
  const { status, files = [], name = "ANA SAMPLE" } = session;
  return {
    id,
    status,
    properties: { FULL_NAME: name },
    files: files.map((file) => ({ id: file, contentType: "image/jpeg", url: `/files/${id}/${file}` })),
  };
}

/** A kilobyte that begins like a picture. */
export function contentOf(name: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1024).fill(name.charCodeAt(0));
  bytes.set([0xff, 0xd8, 0xff, ...new TextEncoder().encode(name)]);
  return bytes;
}

export const dataOf = (event: { readonly [member: string]: unknown } | undefined) =>
  (event?.data ?? {}) as {
    session?: { basis?: string; superseded?: boolean };
    missing?: { what: string; why: string }[];
    files?: { id: string; size: number }[];
  };

/** Hands out what is due, and lets time go by to what is due next, until nothing is left to be done. */
export async function runOut(road: Road, mostSeconds = 20_000): Promise<void> {
  const end = road.clock.at + mostSeconds * 1000;
  for (;;) {
    await road.drain();
    const next = Math.min(...[...road.queues.values()].flat().map(({ dueAt }) => dueAt));
    if (next > end) return;
    road.clock.at = next;
  }
}

/** In the order of their ids' writing: what the ledger says of receipts. */
export async function receiptStates(ledger: D1Database): Promise<{ state: string; reason: string | null }[]> {
  const { results } = await ledger
    .prepare("SELECT state, reason FROM receipts ORDER BY received_at, id")
    .all<{ state: string; reason: string | null }>();
  return results;
}
