/** Webhooks as the four vendors would send them, proven as the configuration below wants it. */
import type { Road } from "./road.ts";

export const SECRETS = {
  "seon-key": "seon-license-key",
  "regula-hook": "regula-shared-secret",
  "unico-basic": "unico-password",
  "incode-hook": "incode-header",
};

export const CONFIGURATION = {
  sources: {
    seon: {
      vendor: "seon",
      verify: [{ scheme: "hmac", secrets: [{ secret: "seon-key" }] }],
      events: {
        "idv:session_finished": "deliver",
        "idv:session_status_updated": "deliver",
        "idv:draft": "ignore",
        "*": "record",
      },
    },
    incode: {
      vendor: "incode",
      verify: [{ scheme: "header", name: "X-Incode-Secret", values: [{ secret: "incode-hook" }] }],
      events: {
        ONBOARDING_FINISHED: "deliver",
        MANUAL_REVIEW_APPROVED: "deliver",
        MANUAL_REVIEW_REJECTED: "deliver",
        WATCHLIST_UPDATED: "deliver",
      },
    },
    unico: {
      vendor: "unico",
      verify: [{ scheme: "basic", username: "unico", passwords: [{ secret: "unico-basic" }] }],
      events: { "*": "deliver" },
    },
    regula: {
      vendor: "regula",
      verify: [{ scheme: "header", name: "X-Gateway-Secret", values: [{ secret: "regula-hook" }] }],
      events: { "*": "deliver" },
    },
    open: { vendor: "regula", verify: [{ scheme: "none" }], events: { "*": "deliver" } },
  },
  subscribers: {
    decisioning: { url: "https://subscriber.example.com/hooks", signing: [{ secret: "decisioning-signing" }] },
  },
};

type Answer = { status: number; body: Record<string, unknown> };

async function send(
  road: Road,
  source: string,
  body: string | Uint8Array,
  headers: Record<string, string>,
): Promise<Answer> {
  const response = await road.request(`/in/${source}`, { method: "POST", headers, body });
  return { status: response.status, body: await response.json() };
}

export async function signSeon(body: string | Uint8Array, secret = SECRETS["seon-key"]): Promise<string> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign"]);
  const hash = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  return `SHA-256=${btoa(String.fromCharCode(...hash))}`;
}

export async function sendSeon(road: Road, body: string | Uint8Array): Promise<Answer> {
  return send(road, "seon", body, { digest: await signSeon(body), "content-type": "application/json" });
}

export const sendIncode = (road: Road, payload: object) =>
  send(road, "incode", JSON.stringify(payload), { "x-incode-secret": SECRETS["incode-hook"] });

export const sendUnico = (road: Road, payload: object) =>
  send(road, "unico", JSON.stringify(payload), { authorization: `Basic ${btoa(`unico:${SECRETS["unico-basic"]}`)}` });

export const sendRegula = (road: Road, payload: object) =>
  send(road, "regula", JSON.stringify(payload), { "x-gateway-secret": SECRETS["regula-hook"] });

export function seonFinished(
  members: { id?: string; status?: string; date?: string; event?: string; name?: string } = {},
): string {
  const {
    id = "session-1",
    status = "APPROVED",
    date = "2026-02-03T10:20:29.000Z",
    event = "idv:session_finished",
    name = "Ana Sample",
  } = members;
  return JSON.stringify({ date, event, details: { sessionId: id, userId: "cust-881", status, name } });
}

export const incodeStatus = (onboardingStatus: string, interviewId = "interview-1") => ({
  interviewId,
  onboardingStatus,
});
