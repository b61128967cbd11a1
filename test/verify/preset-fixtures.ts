/**
 * A webhook of each vendor that has a preset, as the vendor's documents describe it: what a sender signs at `NOW`, made with
 * another implementation of HMAC than the one under test, and a signer of more.
 */
export interface SignedFixture {
  body: string;
  secret: string;
  headers: Readonly<Record<string, string>>;
  /** The header in which the signature stands. */
  signature: string;
  /** What of the headers no vendor signs, and nobody here asks for. */
  idle?: readonly string[];
  isTimed: boolean;
  /** @param at epoch seconds */
  sign: (secret: string, body: string, at: number, url?: string) => Promise<Record<string, string>>;
}

/** Of what both runtimes of the tests know. */
async function hmac(secret: string, signed: string, hash = "SHA-256"): Promise<string> {
  const bytes = Uint8Array.from(secret, (character) => character.charCodeAt(0));
  // The platform imports no empty key; a key of one zero byte is the same HMAC key as an empty one.
  const raw = bytes.length === 0 ? new Uint8Array(1) : bytes;
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash }, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(signed));
  return String.fromCharCode(...new Uint8Array(signature));
}
const hex = (binary: string) =>
  Array.from(binary, (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join("");

const plain = (header: string) => async (secret: string, body: string) => ({
  [header]: hex(await hmac(secret, body)),
});
const listed = (header: string) => async (secret: string, body: string, at: number) => ({
  [header]: `t=${at},v1=${hex(await hmac(secret, `${at}.${body}`))}`,
});

export const SIGNED: Readonly<Record<string, SignedFixture>> = {
  onfido: {
    body: '{"payload":{"resource_type":"workflow_run","action":"workflow_run.completed","object":{"id":"0d1e2f3a-0000-4000-8000-000000000001","status":"approved","completed_at_iso8601":"2026-11-17T07:59:58Z","href":"https://api.eu.onfido.com/v3.6/workflow_runs/0d1e2f3a-0000-4000-8000-000000000001"}}}',
    secret: "a secret of the tests: onfido",
    headers: { "X-SHA2-Signature": "4c57f641592e78b7edc875a55e6dca6a78c9de66082df37aca9692409e00510b" },
    signature: "X-SHA2-Signature",
    isTimed: false,
    sign: plain("X-SHA2-Signature"),
  },
  veriff: {
    body: '{"status":"success","verification":{"id":"12df6045-3846-3e45-946a-14fa6136d78b","code":9001,"person":{"firstName":"ZOË","lastName":"SAMPLE"},"status":"approved","vendorData":"cust-881"},"technicalData":{"ip":"192.0.2.1"}}',
    secret: "a secret of the tests: veriff",
    headers: { "X-HMAC-Signature": "beaf9ee5e3f93eba5b773a531df39633a3a761f894e697cc625dad970e787c2a" },
    signature: "X-HMAC-Signature",
    isTimed: false,
    sign: plain("X-HMAC-Signature"),
  },
  persona: {
    body: '{"data":{"type":"event","id":"evt_00000000000000000000","attributes":{"name":"inquiry.approved","created-at":"2026-11-17T07:59:59.000Z","payload":{"data":{"type":"inquiry","id":"inq_00000000000000000000","attributes":{"status":"approved","reference-id":"cust-881"}}}}}}',
    secret: "wbhsec_00000000-0000-4000-8000-000000000000",
    headers: {
      "Persona-Signature": "t=1794902400,v1=95f5189d71447327eef9c833f815a02cbe4deca4c59133260e1fcc25e48157ec",
    },
    signature: "Persona-Signature",
    isTimed: true,
    sign: listed("Persona-Signature"),
  },
  sumsub: {
    body: '{"applicantId":"5cb56e8e0a975a35f333cb83","inspectionId":"5cb56e8e0a975a35f333cb84","type":"applicantReviewed","reviewStatus":"completed","reviewResult":{"reviewAnswer":"GREEN"},"externalUserId":"cust-881","createdAtMs":"2026-11-17 07:59:59.123"}',
    secret: "a secret of the tests: sumsub",
    headers: { "X-Payload-Digest": "715b4d3f5d55a3ed0503d6564b1a9fcb32b0300cf5989dfe966573831e2e3d89" },
    signature: "X-Payload-Digest",
    isTimed: false,
    sign: plain("X-Payload-Digest"),
  },
  "stripe-identity": {
    body: '{\n  "id": "evt_0000000000000000",\n  "object": "event",\n  "created": 1794902399,\n  "type": "identity.verification_session.verified",\n  "data": {\n    "object": {\n      "id": "vs_0000000000000000",\n      "object": "identity.verification_session",\n      "status": "verified"\n    }\n  }\n}',
    secret: "whsec_00000000-0000-4000-8000-000000000000",
    headers: { "Stripe-Signature": "t=1794902400,v1=72e6d8f5fb739c0f7b89095c541689ec6eff962ff96f8d5b6fdd417e4d5d50ac" },
    signature: "Stripe-Signature",
    isTimed: true,
    sign: listed("Stripe-Signature"),
  },
  idenfy: {
    body: '{"final":true,"clientId":"cust-881","scanRef":"8a5ca8a0-0000-11ee-8000-000000000000","status":{"overall":"APPROVED","autoDocument":"DOC_VALIDATED","autoFace":"FACE_MATCH"}}',
    secret: "a secret of the tests: idenfy",
    headers: { "Idenfy-Signature": "ede79890b0a8932d7e4fb039490a25ee9e107d29a91da6f1589be8e2e940522e" },
    signature: "Idenfy-Signature",
    isTimed: false,
    sign: plain("Idenfy-Signature"),
  },
  trulioo: {
    body: '{"id":"1f2e3d4c-0000-4000-8000-000000000000","timestamp":"2026-11-17T07:59:59Z","type":"WORKFLOW_COMPLETED","data":{"status":"ACCEPTED","clientId":"cust-881"}}',
    secret: "a secret of the tests: trulioo",
    headers: { "X-Trulioo-Signature": "7461e62ea86d639e1212fc337b81556603ab88a8a94fae79d8d8a89ae28168b8" },
    signature: "X-Trulioo-Signature",
    isTimed: false,
    sign: plain("X-Trulioo-Signature"),
  },
  didit: {
    body: '{"session_id":"11111111-2222-4333-8444-555555555555","status":"Approved","webhook_type":"status.updated","created_at":1794902340,"timestamp":1794902400,"workflow_id":"66666666-7777-4888-8999-000000000000","vendor_data":"cust-881"}',
    secret: "a secret of the tests: didit",
    headers: { "X-Signature": "f21a735b8c74d9b49d09dfd149fe04818f0cbcd3d18c035eb2434fbddbd3cbd1" },
    signature: "X-Signature",
    isTimed: false,
    sign: plain("X-Signature"),
  },
  pomelo: {
    body: '{"event_id":"session-changed","idempotency_key":"3f1c2b00-0000-4000-8000-000000000000","session":{"id":"ses-20XWC94ND1BPOO00000000000000000","status":"VALIDATED"}}',
    secret: "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
    headers: {
      "X-Api-Key": "key-1",
      "X-Endpoint": "/in/source",
      "X-Timestamp": "1794902400",
      "X-Signature": "hmac-sha256 zTyMnJhuyw0HNkXcEAIWPUL/JeD+vjskBo3SksCtjn8=",
    },
    signature: "X-Signature",
    idle: ["X-Api-Key"],
    isTimed: true,
    sign: async (secret, body, at) => {
      const signature = await hmac(atob(secret), `${at}/in/source${body}`);
      return {
        "X-Api-Key": "key-1",
        "X-Endpoint": "/in/source",
        "X-Timestamp": `${at}`,
        "X-Signature": `hmac-sha256 ${btoa(signature)}`,
      };
    },
  },
  qitech: {
    body: '{"natural_person_id":"cust-881","analysis_status":"automatically_approved","event_date":"2026-11-17T04:59:59-03:00"}',
    secret: "a secret of the tests: qitech",
    headers: { Signature: "621c6541e3b2559c37d093bd707d01fdcfc3b7eb" },
    signature: "Signature",
    isTimed: false,
    sign: async (secret, body, _at, url = "https://gateway.example/in/source?from=vendor") => ({
      Signature: hex(await hmac(secret, `${url}POST${body}`, "SHA-1")),
    }),
  },
};

/** Those that sign nothing. */
export const DEEPIDV = {
  body: '{"id":"evt_0000","type":"session.status.verified","data":{"sessionId":"ses_0000","status":"VERIFIED"}}',
  secret: "whsec_00000000000000000000000000000000",
};
export const JUMIO = {
  body: '{"callbackSentAt":"2026-11-17T07:59:59.000Z","userReference":"cust-881","workflowExecution":{"id":"22222222-2222-4222-8222-222222222222","href":"https://retrieval.amer-1.jumio.ai/api/v1/accounts/11111111-1111-4111-8111-111111111111/workflow-executions/22222222-2222-4222-8222-222222222222","definitionKey":"10","status":"PROCESSED"},"account":{"id":"11111111-1111-4111-8111-111111111111"}}',
  addresses: ["34.202.241.227", "52.209.180.134", "13.238.100.17"],
};

export function fixtureOf(preset: string): SignedFixture {
  const fixture = SIGNED[preset];
  if (!fixture) throw new Error(`${preset} has no fixture`);
  return fixture;
}
