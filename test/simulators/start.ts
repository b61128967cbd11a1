/**
 * `npm start`: the gateway on this machine with a simulated account of each vendor and a sample subscriber. Sends one
 * webhook per vendor, tells what happens to it, and goes on serving. Nothing of it needs a network.
 */
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ensureLocalSecrets, onEnd, projectFolder } from "../../src/cli/wrangler.ts";
import { createAdmin } from "./admin.ts";
import { configurationFor, createScenes, inventSecrets, type Scene } from "./demonstration.ts";
import { startLocalGateway, type LocalGateway } from "./gateway.ts";
import { complain, headline, say, success, tell } from "./narrator.ts";
import { startSubscriber, type Delivery, type Subscriber } from "./subscriber.ts";

/** Milliseconds. */
const DELIVERED_WITHIN = 60_000;
const SWEEP_EVERY = 60_000;

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
  const subscriber = await startSubscriber(secrets["sample-signing"]);
  subscriber.onDelivery(tellDelivery);
  const admin = createAdmin(gatewayUrl, adminToken, fetch);
  for (const [name, value] of Object.entries(secrets)) await admin.putSecret(name, value);
  await admin.putConfig(configurationFor(subscriber.url));
  say("  4 sources and 1 subscriber configured\n");

  const startedAt = Date.now();
  const around = { gatewayUrl, fetch: fetchAndTellTokens, now: Date.now, random: Math.random, pause };
  const scenes = createScenes(around, secrets);
  for (const scene of scenes) await play(scene);
  await allVerified(scenes, subscriber);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  success(`${scenes.length} of ${scenes.length} deliveries verified, in ${seconds} s`);
  tellWhatNext(gatewayUrl, adminToken, secrets["regula-hook"]);
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

function tellDelivery({ event, id }: Delivery): void {
  if (!event) return tell({ vendor: "?", step: "refused", what: "the signature does not hold", id });
  const vendor = String(event["vendor"]);
  tell({ vendor, step: "delivered", what: event.type, how: String(event["outcome"]), id });
  tell({ vendor, step: "verified", what: "standardwebhooks, cloudevents", how: "signature v1", id });
}

async function allVerified(scenes: readonly Scene[], subscriber: Subscriber): Promise<void> {
  const isMissing = ({ subject }: Scene) => !subscriber.deliveries.some(({ event }) => event?.subject === subject);
  for (const start = Date.now(); Date.now() - start < DELIVERED_WITHIN; await pause(50))
    if (!scenes.some(isMissing)) return;
  const missing = scenes.filter(isMissing).map(({ vendor }) => vendor);
  throw new Error(`not delivered within ${DELIVERED_WITHIN / 1000} seconds: ${missing.join(", ")}`);
}

function tellWhatNext(url: string, adminToken: string, regulaSecret: string): void {
  say(`  gateway       ${url}   (keeps serving; Ctrl-C ends it)`);
  say(`  admin token   ${adminToken}   (from .dev.vars)`);
  say("\n  Send another webhook; send it twice, and the second is answered as a duplicate:\n");
  say(`    curl ${url}/in/regula -H 'X-Gateway-Secret: ${regulaSecret}' \\`);
  say(`      -d '{"sessionId":"my-first-session","event":"session.finished"}'`);
  say("\n  Read the configuration, and who uses which secret:\n");
  say(`    curl ${url}/api/config -H 'Authorization: Bearer ${adminToken}'`);
  say(`    curl ${url}/api/secrets -H 'Authorization: Bearer ${adminToken}'`);
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
