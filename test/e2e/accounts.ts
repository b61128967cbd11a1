/** A source for each vendor and each way in which that vendor can prove itself, and the simulated account that calls it. */
import { createIncode } from "../simulators/incode/incode.ts";
import { createRegula } from "../simulators/regula/regula.ts";
import type { Account, Payload, Sender } from "../simulators/sending.ts";
import { createSeon } from "../simulators/seon/seon.ts";
import { createUnico } from "../simulators/unico/unico.ts";

export const SECRETS = {
  "seon-key": "license-key-of-today",
  "seon-old-key": "license-key-of-yesterday",
  "incode-client": "incode:client+secret/with=signs",
  "incode-header": "incode-header-value",
  "unico-client": "unico-client-secret",
  "unico-basic": "unico:password:with:colons",
  "unico-key": "unico-api-key",
  "regula-hook": "regula-shared-secret",
};

const secret = (name: keyof typeof SECRETS) => ({ secret: name });

const VERIFY = {
  "seon-hex": [{ scheme: "hmac", secrets: [secret("seon-key")] }],
  "seon-base64": [{ scheme: "hmac", secrets: [secret("seon-key")] }],
  "seon-rotating": [{ scheme: "hmac", secrets: [secret("seon-key"), secret("seon-old-key")] }],
  "incode-oauth": [{ scheme: "bearer", clients: [{ id: "incode", secret: secret("incode-client") }] }],
  "incode-header": [{ scheme: "header", name: "X-Incode-Secret", values: [secret("incode-header")] }],
  "unico-oauth": [{ scheme: "bearer", clients: [{ id: "unico", secret: secret("unico-client") }] }],
  "unico-basic": [{ scheme: "basic", username: "unico", passwords: [secret("unico-basic")] }],
  "unico-key": [{ scheme: "header", name: "X-API-Key", values: [secret("unico-key")] }],
  "unico-bare-key": [{ scheme: "header", name: "Authorization", values: [secret("unico-key")] }],
  regula: [{ scheme: "header", name: "X-Gateway-Secret", values: [secret("regula-hook")] }],
};

export type SourceName = keyof typeof VERIFY;

/** Every source delivers everything to one subscriber. */
export function configurationOf(subscriberUrl: string) {
  const sources = Object.entries(VERIFY).map(([name, verify]) => [
    name,
    { vendor: name.split("-")[0], verify, events: { "*": "deliver" } },
  ]);
  return {
    sources: Object.fromEntries(sources),
    subscribers: { everything: { url: `${subscriberUrl}/everything`, signing: [{ secret: "signing" }] } },
  };
}

type Around = (source: SourceName) => Account;

export function createAccounts(around: Around) {
  const tokenUrl = `${around("regula").gatewayUrl}/oauth/token`;
  const seon = (source: SourceName, encoding: "hex" | "base64", key: keyof typeof SECRETS) =>
    createSeon({ ...around(source), licenseKey: SECRETS[key], encoding });
  return {
    seonHex: seon("seon-hex", "hex", "seon-key"),
    seonBase64: seon("seon-base64", "base64", "seon-key"),
    seonWithNewKey: seon("seon-rotating", "hex", "seon-key"),
    seonWithOldKey: seon("seon-rotating", "base64", "seon-old-key"),
    incodeOauth: createIncode({
      ...around("incode-oauth"),
      proof: { type: "oauth2", tokenUrl, clientId: "incode", clientSecret: SECRETS["incode-client"] },
    }),
    incodeHeader: createIncode({
      ...around("incode-header"),
      proof: { type: "header", name: "X-Incode-Secret", value: SECRETS["incode-header"] },
      retries: "old",
    }),
    unicoOauth: createUnico({
      ...around("unico-oauth"),
      proof: { type: "oauth2", tokenUrl, clientId: "unico", clientSecret: SECRETS["unico-client"] },
    }),
    unicoBasic: createUnico({
      ...around("unico-basic"),
      proof: { type: "basic", username: "unico", password: SECRETS["unico-basic"] },
      attempts: 5,
    }),
    unicoKey: createUnico({
      ...around("unico-key"),
      proof: { type: "api_key", key: `X-API-Key:${SECRETS["unico-key"]}` },
    }),
    unicoBareKey: createUnico({
      ...around("unico-bare-key"),
      proof: { type: "api_key", key: SECRETS["unico-key"] },
    }),
    regula: createRegula({
      ...around("regula"),
      header: { name: "X-Gateway-Secret", value: SECRETS["regula-hook"] },
    }),
  };
}

export type Accounts = ReturnType<typeof createAccounts>;

/** One webhook of each account, of a new session. */
export interface Sample {
  source: SourceName;
  sender: Sender;
  payload: Payload;
  /** The vendor's id of the session. */
  subject: string;
  isSigned: boolean;
}

export const SAMPLES: Readonly<Record<string, (accounts: Accounts) => Sample>> = {
  "seon, hex": ({ seonHex }) => seonSample("seon-hex", seonHex),
  "seon, base64": ({ seonBase64 }) => seonSample("seon-base64", seonBase64),
  "seon, new key while rotating": ({ seonWithNewKey }) => seonSample("seon-rotating", seonWithNewKey),
  "seon, old key while rotating": ({ seonWithOldKey }) => seonSample("seon-rotating", seonWithOldKey),
  "incode, oauth": ({ incodeOauth }) => incodeSample("incode-oauth", incodeOauth),
  "incode, header": ({ incodeHeader }) => incodeSample("incode-header", incodeHeader),
  "unico, oauth": ({ unicoOauth }) => unicoSample("unico-oauth", unicoOauth),
  "unico, basic": ({ unicoBasic }) => unicoSample("unico-basic", unicoBasic),
  "unico, key in a header of its own": ({ unicoKey }) => unicoSample("unico-key", unicoKey),
  "unico, bare key": ({ unicoBareKey }) => unicoSample("unico-bare-key", unicoBareKey),
  regula: ({ regula }) => {
    const payload = regula.payloads.session();
    return { source: "regula", sender: regula, payload, subject: payload.sessionId, isSigned: false };
  },
};

function seonSample(source: SourceName, account: Accounts["seonHex"]): Sample {
  const payload = account.payloads.onTheWire();
  return { source, sender: account, payload, subject: payload.details.sessionId, isSigned: true };
}

function incodeSample(source: SourceName, account: Accounts["incodeOauth"]): Sample {
  const payload = account.payloads.status("MANUAL_REVIEW_APPROVED");
  return { source, sender: account, payload, subject: payload.interviewId, isSigned: false };
}

function unicoSample(source: SourceName, account: Accounts["unicoBasic"]): Sample {
  const payload = account.payloads.invalidIdentity();
  return { source, sender: account, payload, subject: payload.processId, isSigned: false };
}
