/** Each vendor, by each proof it offers: its documented webhook becomes the right event at a subscriber that verifies. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LAST_EVENTS, type LastEvent } from "../simulators/unico/payloads.ts";
import { configurationOf, createAccounts, SAMPLES, SECRETS, type Accounts } from "./accounts.ts";
import { openGateway, type Gateway, type Verified } from "./gateway.ts";

let gateway: Gateway;
let accounts: Accounts;

beforeAll(async () => {
  gateway = await openGateway(configurationOf, SECRETS);
  accounts = createAccounts(gateway.account);
});

afterAll(() => gateway.close());

/** The one event that came for a session. */
async function eventOf(subject: string): Promise<Verified["event"]> {
  const [first] = await gateway.delivered(subject);
  if (!first) throw new Error("no delivery");
  return first.event;
}

describe.concurrent("whatever the proof", () => {
  it.each(Object.entries(SAMPLES))("%s: accepted once, delivered, verified", async (_name, sampleOf) => {
    const { source, sender, payload, subject, isSigned } = sampleOf(accounts);
    const sent = await sender.send(payload);
    expect(sent.answer).toEqual({
      status: 200,
      contentType: "application/json",
      json: { success: true, id: expect.stringMatching(/^rcp_/) },
    });
    expect(sent.attempts, "a vendor that is content does not try again").toHaveLength(1);

    const event = await eventOf(subject);
    expect(event).toMatchObject({
      specversion: "1.0",
      id: expect.stringMatching(/^evt_/),
      source: `/in/${source}`,
      subject,
      vendor: source.split("-")[0],
      environment: "live",
      datacontenttype: "application/json",
      data: { session: { id: subject, basis: isSigned ? "signature" : "credential" } },
    });
    expect(gateway.subscriber.deliveries.find(({ id }) => id === event.id)?.headers).toMatchObject({
      "content-type": expect.stringContaining("application/cloudevents+json"),
      "webhook-signature": expect.stringMatching(/^v1,/),
    });
  });
});

describe.concurrent("seon", () => {
  it("says everything about the session, in canonical words", async () => {
    const payload = accounts.seonHex.payloads.onTheWire({ status: "DECLINED" });
    const { details, date } = payload;
    const extraction = details.dataExtractionResult;
    await accounts.seonHex.send(payload);

    const event = await eventOf(details.sessionId);
    expect(event).toMatchObject({ type: "idv.session.finished", time: date, outcome: "declined" });
    expect(event.data).toMatchObject({
      session: {
        externalId: details.userId,
        referenceId: details.referenceId,
        vendorEvent: "idv:session_finished",
        vendorStatus: "DECLINED",
        outcome: "declined",
        final: true,
        startedAt: details.startedAt,
        finishedAt: details.finishedAt,
      },
      person: {
        fullName: extraction.fullName,
        birthDate: extraction.birthDate.slice(0, 10),
        gender: extraction.gender,
        email: details.email,
        phone: details.phoneNumber,
        address: { formatted: extraction.address },
      },
      document: {
        type: "driving_permit",
        number: extraction.documentNumber,
        country: "USA",
        region: "US-FL",
        issuedOn: "2021-05-06",
        expiresOn: "2031-05-06",
      },
      timeline: expect.arrayContaining([
        expect.objectContaining({ step: "document" }),
        expect.objectContaining({ step: "liveness" }),
      ]),
    });
    expect(results(event)).toEqual(
      expect.arrayContaining([
        "document/document fail",
        "document/photo_forgery fail",
        "document/data_integrity pass",
        "document/match not_performed",
        "face_match/face_matching fail",
        "liveness/liveness pass",
        "liveness/blink not_performed",
        "duplicate/duplicate pass",
      ]),
    );
    expect(event.data, "the vendor's own payload is for those who ask").not.toHaveProperty("vendorData");
  });

  it("reads the spelling of the documentation as it reads that of the wire", async () => {
    const payload = accounts.seonBase64.payloads.asDocumented();
    const { details, date } = payload;
    await accounts.seonBase64.send(payload);

    const event = await eventOf(details.session_id);
    expect(event).toMatchObject({ type: "idv.session.finished", time: date, outcome: "approved" });
    expect(event.data).toMatchObject({
      session: {
        externalId: details.user_id,
        referenceId: details.reference_id,
        vendorStatus: "APPROVED",
        final: true,
        startedAt: details.timeline.session.started_at,
        finishedAt: details.timeline.session.finished_at,
      },
      person: {
        fullName: details.data_extraction.full_name,
        birthDate: details.data_extraction.birth_date,
        email: details.email,
        phone: details.phone,
      },
      document: {
        type: "driving_permit",
        number: details.data_extraction.document_number,
        country: "USA",
        expiresOn: "2031-05-06",
      },
    });
    expect(results(event)).toEqual(
      expect.arrayContaining([
        "document/document pass",
        "document/photo_forgery pass",
        "face_match/face_matching pass",
        "liveness/liveness pass",
        "duplicate/duplicate pass",
      ]),
    );
  });

  it("an analyst's override is an update decided by a human", async () => {
    const review = accounts.seonHex.payloads.onTheWire({ status: "REVIEW" });
    const { sessionId } = review.details;
    await accounts.seonHex.send(review);
    await gateway.delivered(sessionId);
    await accounts.seonHex.send(accounts.seonHex.payloads.statusUpdated(sessionId, "APPROVED"));
    const [first, second] = await gateway.delivered(sessionId, 2);
    expect(first?.event).toMatchObject({ type: "idv.session.finished", outcome: "review" });
    expect(second?.event).toMatchObject({
      type: "idv.session.updated",
      outcome: "approved",
      data: { session: { decidedBy: "human", final: true } },
    });
  });
});

describe.concurrent("incode", () => {
  const unread = [{ what: "session", why: "not_configured" }];

  it.each([
    ["ID_VALIDATION_FINISHED", { type: "idv.session.progress", outcome: "pending" }],
    ["ONBOARDING_FINISHED", { type: "idv.session.finished", outcome: "unknown", data: { missing: unread } }],
    ["MANUAL_REVIEW_APPROVED", { type: "idv.session.updated", outcome: "approved" }],
    ["MANUAL_REVIEW_REJECTED", { type: "idv.session.updated", outcome: "declined" }],
  ])("status %s", async (status, expected) => {
    const payload = accounts.incodeOauth.payloads.status(status);
    await accounts.incodeOauth.send(payload);
    const event = await eventOf(payload.interviewId);
    expect(event).toMatchObject(expected);
    expect(event.data?.["session"]).toMatchObject({
      externalId: payload.externalId,
      flow: payload.flowId,
      vendorEvent: status,
    });
  });

  it.each([
    ["SESSION_STARTED", { type: "idv.session.progress", outcome: "pending" }],
    ["SESSION_PENDING_REVIEW", { type: "idv.session.finished", outcome: "review" }],
    ["SESSION_SUCCEEDED", { type: "idv.session.finished", outcome: "approved" }],
    ["SESSION_FAILED", { type: "idv.session.finished", outcome: "declined" }],
  ])("session webhook %s", async (eventType, expected) => {
    const payload = accounts.incodeHeader.payloads.session(eventType);
    await accounts.incodeHeader.send(payload);
    const event = await eventOf(payload.interviewId);
    expect(event).toMatchObject(expected);
    expect(event.data?.["session"]).toMatchObject({ externalId: payload.externalCustomerId, vendorEvent: eventType });
  });

  it("a watchlist notice carries both of its references, and no outcome", async () => {
    const payload = accounts.incodeOauth.payloads.watchlist();
    await accounts.incodeOauth.send(payload);
    expect(await eventOf(payload.interviewId)).toMatchObject({
      type: "idv.watchlist.updated",
      outcome: "unknown",
      data: { watchlist: { ref: payload.ref, searchId: payload.search_id } },
    });
  });
});

describe.concurrent("unico", () => {
  it("ok is no approval: it says that the process ended, not who the person is", async () => {
    const payload = accounts.unicoBasic.payloads.ok();
    await accounts.unicoBasic.send(payload);
    expect(await eventOf(payload.processId)).toMatchObject({
      type: "idv.session.finished",
      outcome: "unknown",
      data: { session: { flow: "id", vendorStatus: "ok", final: false }, missing: [{ what: "session" }] },
    });
  });

  it("an invalid identity is an error of the biometric run, not a refusal of the person", async () => {
    const payload = accounts.unicoKey.payloads.invalidIdentity();
    await accounts.unicoKey.send(payload);
    expect(await eventOf(payload.processId)).toMatchObject({ type: "idv.session.finished", outcome: "error" });
  });

  it("an expired process says what it saw last, whichever of the ten it was", async () => {
    const codes = Object.keys(LAST_EVENTS) as LastEvent[];
    expect(codes).toHaveLength(10);
    await Promise.all(
      codes.map(async (code) => {
        const payload = accounts.unicoOauth.payloads.expired(code, { flow: "idtoken" });
        await accounts.unicoOauth.send(payload);
        expect(await eventOf(payload.processId)).toMatchObject({
          type: "idv.session.finished",
          outcome: "expired",
          data: { session: { flow: "idtoken", lastEvent: { code, description: LAST_EVENTS[code] }, final: true } },
        });
      }),
    );
  });
});

describe.concurrent("regula", () => {
  it("a webhook that is only an id is progress with an unknown outcome, and says that the session was not read", async () => {
    const payload = accounts.regula.payloads.idOnly();
    await accounts.regula.send(payload);
    expect(await eventOf(payload.sessionId)).toMatchObject({
      type: "idv.session.progress",
      outcome: "unknown",
      data: { session: { final: false }, missing: [{ what: "session", why: "not_configured" }] },
    });
  });
});

/** The event's checks as `kind/name result`. */
function results(event: Verified["event"]): string[] {
  const checks = (event.data?.["checks"] ?? []) as { kind: string; name: string; result: string }[];
  return checks.map(({ kind, name, result }) => `${kind}/${name} ${result}`);
}
