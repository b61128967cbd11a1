/** A valid document with everything in it that a document can have: each vendor, scheme, auth, format and operator of filters. */
import { EXAMPLE } from "./example.ts";

const secret = (name: string) => ({ secret: name });
const signing = [secret("signing"), secret("signing-next")];

const SOURCES = {
  ...EXAMPLE.sources,
  everything: {
    vendor: "regula",
    description: "Everything that a source can say.",
    enabled: true,
    environment: "test",
    maxBytes: 65_536,
    verify: [
      {
        scheme: "hmac",
        secrets: [secret("one"), secret("two")],
        header: "X-Signature",
        prefix: "sha256=",
        encoding: "hex",
      },
      {
        all: [
          { scheme: "header", name: "X-Key", values: [secret("three")] },
          { scheme: "basic", username: "vendor", passwords: [secret("four"), secret("five")] },
          { scheme: "ip", ranges: ["192.0.2.0/24", "2001:db8::/32"] },
        ],
      },
      { scheme: "bearer", clients: [{ id: "client", secret: secret("six") }] },
      { scheme: "none" },
    ],
    events: {
      "a/b": { action: "record", fetch: true },
      a: { action: "ignore" },
      "*": "deliver",
    },
    outcomes: { DONE: "approved", FAILED: "declined" },
    dedupe: { windowSeconds: 3600 },
    session: {
      baseUrl: "https://api.example.com/v1",
      apiKey: secret("seven"),
      files: ["*", "document.*"],
      hosts: ["files.example.com", "https://more.example.com:8443"],
      sessionIdAt: ["/id", "/data/0/id"],
      properties: { NAME: "person.fullName", LIVE: "checks.liveness" },
      patienceSeconds: 60,
      onGiveUp: "hold",
      maxFileBytes: 1_000_000,
      maxSessionBytes: 10_000_000,
    },
    silentAfterSeconds: 86_400,
    retention: { receipts: 30, events: 365, files: 90 },
  },
  acme: {
    vendor: "custom",
    verify: [
      {
        scheme: "hmac",
        secrets: [secret("acme-hmac")],
        header: "X-Signature",
        algorithm: "sha512",
        encoding: "base64",
        list: { signature: "v1", timestamp: "t" },
        signed: "{timestamp}.{body}",
        timestamp: { unit: "milliseconds" },
        toleranceSeconds: 300,
        key: "whsec",
      },
      {
        scheme: "ed25519",
        publicKeys: ["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=".replace("_", "/")],
        header: "X-Ed25519",
        signed: "{method} {path} {header:X-Timestamp} {body}",
        timestamp: { header: "X-Timestamp", unit: "seconds" },
      },
      {
        scheme: "jwt",
        jwksUrl: "https://acme.example.com/jwks",
        issuer: "https://acme.example.com",
        audience: "gateway",
        algorithms: ["ES256", "EdDSA"],
        bodyHash: { claim: "request_body_sha256", encoding: "hex" },
        maxAgeSeconds: 300,
      },
    ],
    events: { "session/done": "deliver", "*": "record" },
    challenge: {
      method: "POST",
      when: { at: "/type", equals: "url_verification" },
      echo: "/challenge",
      as: "json",
      member: "challenge",
    },
    webhook: {
      event: ["/event_type", "/data/status"],
      session: "/data/session/id",
      delivery: "/id",
      time: { at: "/created_at", format: "iso" },
      about: { at: "/data/object", oneOf: ["session"] },
    },
    session: {
      baseUrl: "https://api.acme.example.com",
      auth: {
        type: "oauth2",
        tokenUrl: "https://api.acme.example.com/token",
        clientId: "gateway",
        clientSecret: secret("acme-client"),
        method: "post",
      },
      reads: [
        { name: "session", path: "/v1/sessions/{session}" },
        { name: "report", path: "/v1/reports/{session:/reportId}", optional: true },
      ],
      fileList: [
        {
          read: "session",
          each: "/documents",
          id: "/id",
          kind: { at: "/type", values: { front: "document.front" }, default: "other" },
          url: "/href",
          name: "/file_name",
          contentType: "/mime",
        },
      ],
    },
    map: {
      type: {
        at: "/event_type",
        values: { "session.completed": "idv.session.finished" },
        default: "idv.session.progress",
      },
      outcome: { at: ["/decision"], read: "session", values: { ok: "approved" }, default: "unknown" },
      "session.externalId": "/customer/reference",
      "session.flow": { constant: "kyc" },
      "person.birthDate": { at: "/person/dob", date: "DD.MM.YYYY" },
      "document.country": "/doc/country",
      checks: [
        {
          kind: "liveness",
          name: "liveness",
          at: "/checks/liveness",
          values: { ok: "pass" },
          score: { at: "/score", outOf: 100 },
        },
        {
          each: "/checks",
          kind: { at: "/type", values: { face: "face_match" }, default: "other" },
          name: "/type",
          result: { at: "/result", values: { ok: "pass" } },
        },
      ],
    },
  },
  veriff: {
    vendor: "custom",
    preset: "veriff",
    environment: "test",
    events: { "*": "deliver" },
    verify: [{ scheme: "hmac", secrets: [secret("veriff-shared")] }],
  },
  "unico-api": {
    ...EXAMPLE.sources.unico,
    session: {
      ...EXAMPLE.sources.unico.session,
      contract: "api",
      contracts: { flow: "websdk" },
      apiKey: secret("eight"),
      audience: "https://identity.acesso.io",
    },
  },
};

const url = "https://hooks.example.com/gatepost";
const oauth2 = { type: "oauth2", tokenUrl: "https://identity.example.com/token", clientId: "gateway" };

const SUBSCRIBERS = {
  ...EXAMPLE.subscribers,
  whole: {
    url,
    description: "Every event, and every operator.",
    enabled: true,
    filter: {
      $or: [
        { type: { $in: ["idv.session.finished", "idv.session.updated"] }, outcome: { $nin: ["pending"] } },
        { $and: [{ environment: "test" }, { $not: { vendor: { $startsWith: "reg" } } }] },
        { type: { $startsWith: "gateway." }, "data.consecutiveFailures": { $gte: 3, $lt: 100 } },
      ],
      "data.checks.score": { $gt: 0.5, $lte: 1 },
      "data.person.email": { $exists: true, $endsWith: "@example.com", $ne: "nobody@example.com" },
      "data.session.final": true,
      "data.document.country": { $eq: "USA" },
    },
    signing: [
      ...signing,
      {
        scheme: "hmac",
        header: "X-Signature",
        prefix: "sha1=",
        encoding: "base64",
        algorithm: "sha1",
        secret: secret("nine"),
      },
    ],
    format: "standard",
    headers: { "X-Tenant": "one" },
    include: ["person", "document", "checks", "timeline", "files", "watchlist", "extracted", "vendorData"],
    redact: ["/data/person/nationalId", "/data/checks/*/vendorValue"],
    auth: { type: "header", name: "X-Key", value: secret("ten") },
    retry: { attempts: 5, firstSeconds: 30, factor: 2.5 },
    accept: "success",
    timeoutSeconds: 10,
    ratePerSecond: 10,
    concurrency: 4,
    linkSeconds: 3600,
  },
  raw: { url, signing, format: "raw", forwardHeaders: ["Digest"], auth: { type: "none" }, retry: [] },
  binary: {
    url,
    signing,
    format: "cloudevents-binary",
    auth: { type: "basic", username: "gateway", password: secret("eleven") },
  },
  asserting: {
    url,
    signing,
    auth: {
      ...oauth2,
      method: "private_key_jwt",
      privateKey: secret("twelve"),
      audience: "https://identity.example.com",
    },
  },
  posting: { url, signing, enabled: false, auth: { ...oauth2, method: "post", clientSecret: secret("thirteen") } },
};

export const RICH = {
  $schema: "https://gateway.example/schemas/config.json",
  sources: SOURCES,
  subscribers: SUBSCRIBERS,
};
