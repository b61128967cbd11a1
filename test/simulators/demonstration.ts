/**
 * What `npm start` shows: an account at each of the four vendors, three of which have a session API, a source for each, and one
 * subscriber.
 */
import { randomBytes, randomInt } from "node:crypto";
import { createIncode } from "./incode/incode.ts";
import { startIncodeSessions } from "./incode/sessions.ts";
import type { NamedFile } from "./invented-files.ts";
import { createRegula } from "./regula/regula.ts";
import { startRegulaSessions } from "./regula/sessions.ts";
import type { Account, Payload, Sender } from "./sending.ts";
import { createSeon } from "./seon/seon.ts";
import { incodeSession, regulaSession, unicoSession } from "./session-config.ts";
import { startUnicoSessions } from "./unico/sessions.ts";
import { createUnico } from "./unico/unico.ts";

/** SEON has none: its webhook says everything. Other people and files each time. */
export async function startSessionApis() {
  const around = () => ({ seed: randomInt(2 ** 31) });
  const [regula, incode, unico] = await Promise.all([
    startRegulaSessions(around()),
    startIncodeSessions(around()),
    startUnicoSessions(around()),
  ]);
  return { regula, incode, unico };
}

export type SessionApis = Awaited<ReturnType<typeof startSessionApis>>;

/** Random each time, and in memory only; the gateway keeps them encrypted. */
export function inventSecrets() {
  const secret = () => randomBytes(24).toString("hex");
  return {
    "seon-license-key": secret(),
    "incode-client": secret(),
    "unico-basic": secret(),
    "regula-hook": secret(),
    "sample-signing": `whsec_${randomBytes(32).toString("base64")}`,
  };
}

export type DemonstrationSecrets = ReturnType<typeof inventSecrets>;

/** The document, and the secrets that open the session APIs. */
export function configurationFor(subscriberUrl: string, { regula, incode, unico }: SessionApis) {
  const sessions = { regula: regulaSession(regula), incode: incodeSession(incode), unico: unicoSession(unico) };
  const secrets = { ...sessions.regula.secrets, ...sessions.incode.secrets, ...sessions.unico.secrets };
  const document = {
    sources: {
      seon: {
        vendor: "seon",
        verify: [{ scheme: "hmac", secrets: [{ secret: "seon-license-key" }] }],
        events: { "idv:session_finished": "deliver", "idv:session_status_updated": "deliver", "*": "record" },
      },
      incode: {
        vendor: "incode",
        verify: [{ scheme: "bearer", clients: [{ id: "incode", secret: { secret: "incode-client" } }] }],
        events: {
          ONBOARDING_FINISHED: "deliver",
          SESSION_SUCCEEDED: "deliver",
          MANUAL_REVIEW_APPROVED: "deliver",
          MANUAL_REVIEW_REJECTED: "deliver",
          WATCHLIST_UPDATED: "deliver",
          "*": "record",
        },
        session: sessions.incode.session,
      },
      unico: {
        vendor: "unico",
        verify: [{ scheme: "basic", username: "unico", passwords: [{ secret: "unico-basic" }] }],
        events: {
          "PROCESS_STATE_FINISHED/ok": "deliver",
          "PROCESS_STATE_FINISHED/expired/EVENT_TYPE_SESSION_ENDED": "deliver",
          "*": "record",
        },
        session: sessions.unico.session,
      },
      regula: {
        vendor: "regula",
        verify: [{ scheme: "header", name: "X-Gateway-Secret", values: [{ secret: "regula-hook" }] }],
        events: { "*": "deliver" },
        session: sessions.regula.session,
      },
    },
    subscribers: { sample: { url: subscriberUrl, signing: [{ secret: "sample-signing" }], retry: [1, 2, 5, 10] } },
  };
  return { document, secrets };
}

/** One webhook that is about to be sent. */
export interface Scene {
  vendor: string;
  /** What proves it. */
  proof: string;
  /** The vendor's name for it. */
  event: string;
  /** The vendor's id of the session; the event's subject. */
  subject: string;
  /** The vendor keeps them with the session. */
  files: readonly NamedFile[];
  sender: Sender;
  payload: Payload;
}

/** One per vendor; every id is new, so that a gateway that remembers an earlier demonstration takes them for news. */
export function createScenes(
  around: Omit<Account, "source">,
  secrets: DemonstrationSecrets,
  apis: SessionApis,
): Scene[] {
  const { gatewayUrl } = around;
  const seon = createSeon({
    ...around,
    source: "seon",
    licenseKey: secrets["seon-license-key"],
    encoding: "hex",
  });
  const incode = createIncode({
    ...around,
    source: "incode",
    proof: {
      type: "oauth2",
      tokenUrl: `${gatewayUrl}/oauth/token`,
      clientId: "incode",
      clientSecret: secrets["incode-client"],
    },
  });
  const unico = createUnico({
    ...around,
    source: "unico",
    proof: { type: "basic", username: "unico", password: secrets["unico-basic"] },
  });
  const regula = createRegula({
    ...around,
    source: "regula",
    header: { name: "X-Gateway-Secret", value: secrets["regula-hook"] },
  });

  const finished = seon.payloads.onTheWire();
  const interview = apis.incode.add();
  const onboarded = incode.payloads.status("ONBOARDING_FINISHED", { interviewId: interview.id });
  const process = apis.unico.add();
  const ok = unico.payloads.ok({ processId: process.id });
  const session = apis.regula.add();
  return [
    {
      vendor: "seon",
      proof: "HMAC-SHA256",
      event: finished.event,
      subject: finished.details.sessionId,
      files: [],
      sender: seon,
      payload: finished,
    },
    {
      vendor: "incode",
      proof: "bearer token",
      event: onboarded.onboardingStatus,
      subject: interview.id,
      files: interview.files,
      sender: incode,
      payload: onboarded,
    },
    {
      vendor: "unico",
      proof: "Basic",
      event: `${ok.state}/${ok.result}`,
      subject: process.id,
      files: process.files,
      sender: unico,
      payload: ok,
    },
    {
      vendor: "regula",
      proof: "shared secret",
      event: "a session's id, nothing else",
      subject: session.id,
      files: session.files,
      sender: regula,
      payload: { sessionId: session.id },
    },
  ];
}

/** A request to a session API that is worth telling of. */
export interface Landmark {
  vendor: string;
  step: "token obtained" | "session read";
  /** Its first group, where it has one, is the session's id. */
  path: RegExp;
  what: string;
  how: string;
  requests: readonly { path: string }[];
}

export function landmarksOf({ regula, incode, unico }: SessionApis): Landmark[] {
  return [
    {
      vendor: "incode",
      step: "token obtained",
      path: /^\/executive\/log-in$/,
      what: "POST /executive/log-in",
      how: "API key, log-in",
      requests: incode.requests,
    },
    {
      vendor: "unico",
      step: "token obtained",
      path: /^\/oauth2\/token$/,
      what: "POST /oauth2/token",
      how: "signed assertion",
      requests: unico.identity.requests,
    },
    {
      vendor: "incode",
      step: "session read",
      path: /^\/omni\/get\/score\?id=([^&]+)$/,
      what: "GET /omni/get/score?id=…",
      how: "API key, token",
      requests: incode.requests,
    },
    {
      vendor: "unico",
      step: "session read",
      path: /^\/client\/v1\/process\/([^/]+)$/,
      what: "GET /client/v1/process/…",
      how: "token",
      requests: unico.requests,
    },
    {
      vendor: "regula",
      step: "session read",
      path: /^\/api\/sessions\/([^/]+)$/,
      what: "GET /api/sessions/…",
      how: "API key",
      requests: regula.requests,
    },
  ];
}
