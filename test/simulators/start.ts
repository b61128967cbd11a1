/**
 * `npm start`: the gateway on this machine with a simulated account of each vendor and a sample subscriber. Sends one
 * webhook per vendor, tells what happens to it and to its session's files, and goes on serving. Nothing of it needs a network.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ensureLocalSecrets, onEnd, projectFolder } from "../../src/cli/wrangler.ts";
import { createAdmin } from "./admin.ts";
import {
  configurationFor,
  createScenes,
  inventSecrets,
  landmarksOf,
  startSessionApis,
  type Landmark,
  type Scene,
} from "./demonstration.ts";
import { startLocalGateway, type LocalGateway } from "./gateway.ts";
import { complain, headline, say, success, tell } from "./narrator.ts";
import { startSubscriber, type Delivery, type Subscriber } from "./subscriber.ts";

/** Milliseconds. */
const DELIVERED_WITHIN = 60_000;
const SWEEP_EVERY = 60_000;
const LOOK_EVERY = 20;

async function main(): Promise<void> {
  const { port, isVerbose } = readArguments();
  ensureLocalSecrets();
  const adminToken = readAdminToken();
  headline("Gatepost: four vendors, one gateway, one subscriber");
  say(`  starting the gateway on http://localhost:${port} …`);
  const gateway = await startLocalGateway({ port, isVerbose });
  stopInTime(gateway);
  try {
    await gateway.ready;
    await demonstrate(gateway.url, adminToken);
  } catch (error) {
    // A call that failed because the gateway has died is better told by what the gateway said last.
    await Promise.race([gateway.ended, pause(1000)]);
    throw error;
  }
  sweepEachMinute(gateway.url);
  await gateway.ended;
}

async function demonstrate(gatewayUrl: string, adminToken: string): Promise<void> {
  const secrets = inventSecrets();
  const [apis, subscriber] = await Promise.all([startSessionApis(), startSubscriber(secrets["sample-signing"])]);
  for (const landmark of landmarksOf(apis)) tellRequests(landmark);
  subscriber.onDelivery(tellDelivery);
  const admin = createAdmin(gatewayUrl, adminToken, fetch);
  const { document, secrets: credentials } = configurationFor(subscriber.url, apis);
  for (const [name, value] of Object.entries({ ...secrets, ...credentials })) await admin.putSecret(name, value);
  await admin.putConfig(document);
  say("  4 sources and 1 subscriber configured\n");

  const startedAt = Date.now();
  const around = { gatewayUrl, fetch: fetchAndTellTokens, now: Date.now, random: Math.random, pause };
  const scenes = createScenes(around, secrets, apis);
  for (const scene of scenes) await play(scene);
  await allVerified(scenes, subscriber);
  for (const scene of scenes.slice(-1)) await openFile(scene, subscriber);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  success(`${scenes.length} of ${scenes.length} deliveries verified, in ${seconds} s`);
  const [announced, silent] = [apis.regula.add(), apis.regula.add()];
  tellWhatNext({ url: gatewayUrl, adminToken, regulaSecret: secrets["regula-hook"], announced, silent });
}

async function play({ vendor, proof, event, sender, payload }: Scene): Promise<void> {
  const { answer, isTaken } = await sender.send(payload);
  if (!isTaken) throw new Error(`the webhook of ${vendor} was answered ${answer.status || "not at all"}`);
  tell({ vendor, step: "received", what: event, how: proof, id: String(answer.json["id"]) });
}

/** The simulated vendors call through this, so that the tokens they fetch are part of the story. */
async function fetchAndTellTokens(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  const path = new URL(response.url).pathname;
  if (path === "/oauth/token" && response.ok)
    tell({ vendor: "incode", step: "token issued", what: `POST ${path}`, how: "for one hour" });
  return response;
}

/** The session APIs remember their requests and call nobody, so they are looked at. */
function tellRequests({ vendor, step, path, what, how, requests }: Landmark): void {
  let told = 0;
  const look = () => {
    for (const request of requests.slice(told)) {
      const [match, id = ""] = path.exec(request.path) ?? [];
      if (match !== undefined) tell({ vendor, step, what, how, id });
    }
    told = requests.length;
  };
  setInterval(look, LOOK_EVERY).unref();
}

interface EventFile {
  id: string;
  kind: string;
  contentType: string;
  size: number;
  sha256: string;
  url: string;
}

const filesOf = ({ event }: Delivery): readonly EventFile[] =>
  (event?.data as { files?: EventFile[] } | undefined)?.files ?? [];

function tellDelivery(delivery: Delivery): void {
  const { event, id } = delivery;
  if (!event) return tell({ vendor: "?", step: "refused", what: "the signature does not hold", id });
  const vendor = String(event["vendor"]);
  const files = filesOf(delivery);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length > 0) tell({ vendor, step: "files stored", what: `${files.length} files, ${kilobytes(bytes)}`, id });
  tell({ vendor, step: "delivered", what: event.type, how: String(event["outcome"]), id });
  tell({ vendor, step: "verified", what: "standardwebhooks, cloudevents", how: "signature v1", id });
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;

/** By the link that came with the event, as its subscriber would. */
async function openFile({ vendor, subject, files: kept }: Scene, { deliveries }: Subscriber): Promise<void> {
  const delivery = deliveries.find(({ event }) => event?.subject === subject);
  const file = delivery && filesOf(delivery).find(({ sha256 }) => kept.some((each) => each.sha256 === sha256));
  if (!file) throw new Error(`no file of ${vendor} came with its event`);
  const bytes = new Uint8Array(await (await fetch(file.url)).arrayBuffer());
  if (createHash("sha256").update(bytes).digest("hex") !== file.sha256)
    throw new Error(`the link to ${file.kind} of ${vendor} gave other bytes than the vendor has`);
  const what = `${file.kind}, ${file.contentType}`;
  tell({ vendor, step: "file opened", what, how: "SHA-256 matches", id: delivery.id });
}

async function allVerified(scenes: readonly Scene[], subscriber: Subscriber): Promise<void> {
  const isMissing = ({ subject }: Scene) => !subscriber.deliveries.some(({ event }) => event?.subject === subject);
  for (const start = Date.now(); Date.now() - start < DELIVERED_WITHIN; await pause(50))
    if (!scenes.some(isMissing)) return;
  const missing = scenes.filter(isMissing).map(({ vendor }) => vendor);
  throw new Error(`not delivered within ${DELIVERED_WITHIN / 1000} seconds: ${missing.join(", ")}`);
}

interface Next {
  url: string;
  adminToken: string;
  regulaSecret: string;
  /** Sessions that Regula has and the gateway has not heard of. */
  announced: { id: string };
  silent: { id: string };
}

function tellWhatNext({ url, adminToken, regulaSecret, announced, silent }: Next): void {
  const authorization = `-H 'Authorization: Bearer ${adminToken}'`;
  say(`  gateway       ${url}   (keeps serving; Ctrl-C ends it)`);
  say(`  admin token   ${adminToken}   (from .dev.vars)`);
  say("\n  Send another webhook; send it twice, and the second is answered as a duplicate:\n");
  say(`    curl ${url}/in/regula -H 'X-Gateway-Secret: ${regulaSecret}' \\`);
  say(`      -d '{"sessionId":"${announced.id}"}'`);
  say("\n  Read a session whose webhook never came:\n");
  say(`    curl -X POST ${url}/api/sessions/regula/${silent.id}/pull \\`);
  say(`      ${authorization}`);
  say("\n  Read the configuration, and who uses which secret:\n");
  say(`    curl ${url}/api/config ${authorization}`);
  say(`    curl ${url}/api/secrets ${authorization}`);
  say();
}

/** wrangler runs no cron triggers on a developer's machine; they are pulled by hand. */
function sweepEachMinute(url: string): void {
  const pull = () => void fetch(`${url}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`).catch(() => undefined);
  setInterval(pull, SWEEP_EVERY).unref();
}

function stopInTime(gateway: LocalGateway): void {
  onEnd(() => {
    say("\n  stopping …");
    gateway.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

function readArguments(): { port: number; isVerbose: boolean } {
  try {
    const options = {
      port: { type: "string", default: "8787" },
      verbose: { type: "boolean", default: false },
    } as const;
    const { values } = parseArgs({ options });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error("--port wants a number up to 65535");
    return { port, isVerbose: values.verbose };
  } catch (error) {
    complain(`${error instanceof Error ? error.message : String(error)}\n  npm start -- [--port N] [--verbose]`);
    process.exit(2);
  }
}

function readAdminToken(): string {
  const token = /^ADMIN_TOKEN=["']?([^"'\s]+)/m.exec(readFileSync(`${projectFolder}.dev.vars`, "utf8"))?.[1];
  if (token === undefined) throw new Error(".dev.vars has no ADMIN_TOKEN; delete the file, and it is made anew");
  return token;
}

try {
  await main();
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
