/** What `npm start` shows: an account at each of the four vendors, a source for each, and one subscriber. */
import { randomBytes } from "node:crypto";
import { createIncode } from "./incode/incode.ts";
import { createRegula } from "./regula/regula.ts";
import type { Account, Payload, Sender } from "./sending.ts";
import { createSeon } from "./seon/seon.ts";
import { createUnico } from "./unico/unico.ts";

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

export function configurationFor(subscriberUrl: string) {
  return {
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
      },
      unico: {
        vendor: "unico",
        verify: [{ scheme: "basic", username: "unico", passwords: [{ secret: "unico-basic" }] }],
        events: {
          "PROCESS_STATE_FINISHED/ok": "deliver",
          "PROCESS_STATE_FINISHED/expired/EVENT_TYPE_SESSION_ENDED": "deliver",
          "*": "record",
        },
      },
      regula: {
        vendor: "regula",
        verify: [{ scheme: "header", name: "X-Gateway-Secret", values: [{ secret: "regula-hook" }] }],
        events: { "*": "deliver" },
      },
    },
    subscribers: { sample: { url: subscriberUrl, signing: [{ secret: "sample-signing" }], retry: [1, 2, 5, 10] } },
  };
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
  sender: Sender;
  payload: Payload;
}

/** One per vendor; every id is new, so that a gateway that remembers an earlier demonstration takes them for news. */
export function createScenes(around: Omit<Account, "source">, secrets: DemonstrationSecrets): Scene[] {
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
  const succeeded = incode.payloads.session("SESSION_SUCCEEDED");
  const expired = unico.payloads.expired("EVENT_TYPE_SESSION_ENDED");
  const session = regula.payloads.session();
  return [
    {
      vendor: "seon",
      proof: "HMAC-SHA256",
      event: finished.event,
      subject: finished.details.sessionId,
      sender: seon,
      payload: finished,
    },
    {
      vendor: "incode",
      proof: "bearer token",
      event: succeeded.event_type,
      subject: succeeded.interviewId,
      sender: incode,
      payload: succeeded,
    },
    {
      vendor: "unico",
      proof: "Basic",
      event: `${expired.state}/${expired.result}`,
      subject: expired.processId,
      sender: unico,
      payload: expired,
    },
    {
      vendor: "regula",
      proof: "shared secret",
      event: session.event,
      subject: session.sessionId,
      sender: regula,
      payload: session,
    },
  ];
}
