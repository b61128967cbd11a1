/** The admin API, as `/openapi.json` describes it: the only thing that a command speaks to. */
import type { Fault } from "../config/faults.ts";
import { isObject, parseText } from "../core/json.ts";
import { Failure, Interrupted } from "./failure.ts";

export interface Problem {
  /** `urn:gatepost:problem:…` */
  type: string;
  title: string;
  status: number;
  detail?: string;
  parameter?: string;
  role?: string;
  errors?: (Fault & { expected?: string[]; suggestion?: string })[];
  missing?: { name: string; message: string }[];
}

/** The gateway said no. */
export class Refusal extends Failure {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(sentenceOf(problem), hintOf(problem));
    this.problem = problem;
  }

  is(reason: string): boolean {
    return this.problem.type === `urn:gatepost:problem:${reason}`;
  }
}

/** Nobody answered, or somebody who is no gateway. */
export class Unreachable extends Failure {}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Sending {
  query?: Query;
  /** A text is sent as it is, all else as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string | undefined>>;
}

export interface Answer<Body> {
  status: number;
  body: Body;
  text: string;
  etag: string | undefined;
  /** The gateway's own clock, epoch milliseconds. */
  date: number | undefined;
}

export interface Page<Item> {
  items: Item[];
  cursor?: string;
}

export interface Api {
  /** Origin. */
  url: string;
  /** Throws a `Refusal` where the status is none of `expected` (default: 2xx). */
  call<Body>(method: string, path: string, sending?: Sending, expected?: readonly number[]): Promise<Answer<Body>>;
  get<Body>(path: string, query?: Query): Promise<Body>;
  post<Body>(path: string, body?: unknown): Promise<Body>;
}

/** A replay counts, a rollback validates: milliseconds. */
const PATIENCE_MS = 60_000;

export function createApi(url: string, token: string, fetch: typeof globalThis.fetch): Api {
  const call: Api["call"] = async (method, path, sending = {}, expected) => {
    const { query = {}, body, headers = {} } = sending;
    const target = new URL(path, url);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) target.searchParams.set(name, String(value));
    const sent = Object.entries({ authorization: `Bearer ${token}`, "content-type": "application/json", ...headers });
    const request: RequestInit = {
      method,
      headers: sent.filter((header): header is [string, string] => header[1] !== undefined),
      // Whoever is redirected to gets no token.
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    };
    let response: Response;
    let text: string;
    try {
      response = await fetch(target, request);
      text = await response.text();
    } catch (error) {
      throw isAbort(error) ? new Interrupted("interrupted") : unreachable(url, error);
    }
    const parsed = parseText(text);
    const isExpected = expected ? expected.includes(response.status) : response.ok;
    if (!isExpected) throw refusalOf(response, parsed, url);
    const date = Date.parse(response.headers.get("date") ?? "");
    return {
      status: response.status,
      // The caller says what it is promised by the description.
      body: parsed as never,
      text,
      etag: response.headers.get("etag") ?? undefined,
      date: Number.isNaN(date) ? undefined : date,
    };
  };
  const said = ({ body }: Answer<unknown>): never => {
    if (!isObject(body) || Object.keys(body).length === 0) throw notAGateway({ url });
    return body as never;
  };
  return {
    url,
    call,
    get: async (path, query = {}) => said(await call("GET", path, { query })),
    post: async (path, body = {}) => said(await call("POST", path, { body })),
  };
}

/** All pages, item by item, until there are `most`; returns the cursor of what is left. */
export async function* eachItem<Item>(
  api: Api,
  path: string,
  query: Query,
  most: number,
): AsyncGenerator<Item, string | undefined> {
  let cursor = query["cursor"];
  for (let left = most; left > 0;) {
    const page: Page<Item> = await api.get(path, { ...query, cursor, limit: Math.min(left, MOST_OF_A_PAGE) });
    yield* page.items;
    left -= page.items.length;
    cursor = page.cursor;
    if (cursor === undefined) return undefined;
  }
  return cursor as string;
}

const MOST_OF_A_PAGE = 200;

export const segment = (text: string): string => encodeURIComponent(text);

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

function unreachable(url: string, error: unknown): Unreachable {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = (cause as { code?: string }).code ?? (cause instanceof Error ? cause.name : "no answer");
  const hint = isLaptop(url)
    ? "Start one with `npm start`, or say which with --url or GATEPOST_URL."
    : "Is that its URL? Say another with --url or GATEPOST_URL.";
  return new Unreachable(`no gateway answers at ${url} (${why})`, hint);
}

const isLaptop = (url: string): boolean => /\/\/(localhost|127\.)/.test(url);

function refusalOf(response: Response, body: unknown, url: string): Failure {
  if (isObject(body) && typeof body["type"] === "string" && typeof body["title"] === "string")
    return new Refusal(body as unknown as Problem);
  return new Unreachable(`${url} answered ${response.status}, and not as a gateway does`, "Is that its URL?");
}

/** What was said is not what the description promises. */
export function notAGateway({ url }: Pick<Api, "url">): Unreachable {
  return new Unreachable(`${url} answered, but not as a gateway does`, "Is that its URL?");
}

function sentenceOf({ title, parameter, detail, errors = [] }: Problem): string {
  const concerning = parameter === undefined ? "" : ` (${parameter})`;
  const faults = errors.map(({ path, message }) => `\n  ${path === "" ? "/" : path}  ${message}`);
  return `${title}${concerning}${detail === undefined ? "" : `. ${detail}`}${faults.join("")}`;
}

function hintOf({ status, role, missing = [] }: Problem): string | undefined {
  if (status === 401) return "GATEPOST_TOKEN is not of this gateway, or has ended.";
  if (role !== undefined) return `This takes a token with the role ${role}.`;
  return missing.length > 0 ? missing.map(({ message }) => message).join("\n") : undefined;
}
