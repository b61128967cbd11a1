/** `gatepost sources test`: a webhook as the vendor would send it, from this machine. */
import { isObject, parseText } from "../../core/json.ts";
import type { ReceiptRecord } from "../../core/search.ts";
import { segment, Unreachable } from "../api.ts";
import { Failure, Misuse } from "../failure.ts";
import { prove, type Helpers, type Proof } from "../proof.ts";
import { sampleOf, SAMPLE_EVENT } from "../sample.ts";
import type { Session } from "../session.ts";
import { loadSource, schemesOf, type Scheme } from "../source.ts";

export interface TestOptions {
  tampered?: true;
  unsigned?: true;
  session?: string;
  event?: string;
  body?: string;
  scheme: string;
}

export async function test(session: Session, options: TestOptions, name: string): Promise<void> {
  if (options.tampered && options.unsigned) throw new Misuse("--tampered and --unsigned at once");
  if (options.session !== undefined) return pull(session, name, options.session);
  const source = await loadSource(session, name);
  const schemes = schemesOf(source, Number(options.scheme));
  const { api, now, newId, open } = session;
  const url = `${api.url}/in/${segment(name)}`;
  const sample = sampleOf(
    source,
    options.event ?? SAMPLE_EVENT,
    `gatepost-test-${newId()}`,
    new Date(now()).toISOString(),
  );
  const body = Buffer.from(options.body === undefined ? JSON.stringify(sample) : (await open(options.body)).text);
  const webhook = { url, body, now: now() };
  const proofs: Proof[] = [];
  if (!options.unsigned) for (const scheme of schemes) proofs.push(await prove(scheme, webhook, helpersOf(session)));
  const sent = { body, headers: Object.assign({}, ...proofs.map(({ headers }) => headers)) as Record<string, string> };
  const answer = await post(session, url, options.tampered ? tamper(sent, proofs) : sent);
  const isOpen = schemes.every(({ scheme }) => scheme === "none" || scheme === "ip");
  const mustBeRefused = !isOpen && (options.tampered === true || options.unsigned === true);
  await tell(session, name, answer, mustBeRefused, schemes);
}

function helpersOf({ questions, api, fetch }: Session): Helpers {
  return {
    secret: (of) => questions.secret(of.startsWith("the ") ? of : `Value of ${of}`),
    async token(client, secret) {
      const basic = Buffer.from(`${client}:${secret}`).toString("base64");
      const response = await fetch(`${api.url}/oauth/token`, {
        method: "POST",
        headers: { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
        body: "grant_type=client_credentials",
      });
      const answer = (await response.json()) as { access_token?: string; error?: string };
      if (answer.access_token !== undefined) return answer.access_token;
      throw new Failure(
        `no token was issued (${response.status} ${answer.error ?? ""})`,
        "Is that the client's secret?",
      );
    },
  };
}

interface Webhook {
  body: Buffer;
  headers: Record<string, string>;
}

/** What is signed is changed by a byte; a credential that says nothing about the body is itself made another. */
function tamper({ body, headers }: Webhook, proofs: readonly Proof[]): Webhook {
  if (proofs.some(({ covers }) => covers)) return { headers, body: Buffer.concat([body, Buffer.from(" ")]) };
  const changed = Object.entries(headers).map(([name, value]) => [name, `${value}x`]);
  return { body, headers: Object.fromEntries(changed) as Record<string, string> };
}

interface Answer {
  status: number;
  json: Readonly<Record<string, unknown>>;
}

async function post({ fetch, api }: Session, url: string, { body, headers }: Webhook): Promise<Answer> {
  const request = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: new Uint8Array(body),
  };
  try {
    const response = await fetch(url, { ...request, redirect: "manual" });
    const json = parseText(await response.text());
    return { status: response.status, json: isObject(json) ? json : {} };
  } catch {
    throw new Unreachable(`no gateway answers at ${api.url}`);
  }
}

async function tell(
  session: Session,
  source: string,
  { status, json }: Answer,
  mustBeRefused: boolean,
  schemes: readonly Scheme[],
): Promise<void> {
  const { printer } = session;
  const isTaken = status === 200;
  const isAsItShould = mustBeRefused ? status === 401 : isTaken;
  const id = typeof json["id"] === "string" ? json["id"] : undefined;
  const receipt = isTaken && id !== undefined ? await findReceipt(session, id) : undefined;
  if (printer.isJson) printer.record({ source, status, answer: json, asExpected: isAsItShould, receipt });
  if (!isAsItShould) {
    const why = mustBeRefused
      ? `${status}: it was not refused`
      : `${status}: ${String(json["title"] ?? "it was not taken")}. The log says which check failed`;
    throw new Failure(
      why,
      status === 401
        ? `Is that the value of the secret? What must be sent: gatepost sources show ${source}`
        : undefined,
    );
  }
  if (printer.isJson) return;
  const names = schemes.map(({ scheme }) => scheme).join(" + ");
  printer.success(
    mustBeRefused
      ? `401: refused, as it should be (${names})`
      : `200: proven by ${names}, ${id ?? "ignored by `events`"}`,
  );
  if (receipt) printer.line(`  ${receipt.state}${receipt.event === undefined ? "" : `  ${receipt.event}`}`);
}

const LOOK_MS = 250;
const LOOKS = 40;

/** A receipt is known once it has been processed. */
async function findReceipt({ api, pause, printer }: Session, id: string): Promise<ReceiptRecord | undefined> {
  for (let look = 0; look < LOOKS; look++) {
    const { status, body } = await api.call<ReceiptRecord>("GET", `/api/receipts/${segment(id)}`, {}, [200, 404]);
    if (status === 200 && body.state !== "waiting") return body;
    printer.status?.("waiting for it to be processed");
    await pause(LOOK_MS);
  }
  return undefined;
}

/** Reads a session back from its vendor, and tells what came of it. */
async function pull(session: Session, source: string, id: string): Promise<void> {
  const { api, printer } = session;
  const { receipt } = await api.post<{ receipt: string }>(`/api/sessions/${segment(source)}/${segment(id)}/pull`);
  const found = await findReceipt(session, receipt);
  printer.status?.("");
  if (printer.isJson) printer.record(found ?? { id: receipt, state: "waiting" });
  if (!found)
    throw new Failure(
      "the vendor has not answered yet; it is asked again",
      `gatepost receipts list --source ${source}`,
    );
  if (found.event === undefined)
    throw new Failure(
      `${found.state}${found.reason === undefined ? "" : `: ${found.reason}`}`,
      "What the vendor refused stands in the log.",
    );
  if (!printer.isJson) printer.success(`read back; gatepost events show ${found.event}`);
}
