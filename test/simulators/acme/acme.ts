/**
 * A vendor that nobody has heard of, as `docs/custom-vendors.md` describes it: webhooks signed with Ed25519 over
 * `<timestamp>.<body>`, sessions behind an access token, pictures here and in object storage.
 */
import { fileAnswer, jsonAnswer, routed, type Answer, type Call } from "../answers.ts";
import { inventFile, type NamedFile } from "../invented-files.ts";
import { createInvention, seeded, type InventedPerson } from "../invention.ts";
import { createSender, type Account, type Sender } from "../sending.ts";
import { serve, type Service, type Surroundings } from "../serving.ts";
import { startStorage, type Storage } from "../storage.ts";

export interface AcmeSession {
  id: string;
  person: InventedPerson;
  files: readonly NamedFile[];
  webhook: { id: string; event_type: string; sent_at: number; data: object };
}

export interface Acme extends Service {
  storage: Storage;
  /** Base64. */
  publicKey: string;
  clientSecret: string;
  add(verdict?: string): AcmeSession;
  sender(account: Account): Sender;
}

export async function startAcme(around: Surroundings): Promise<Acme> {
  const random = seeded(around.seed);
  const invention = createInvention(random);
  const storage = await startStorage(around);
  const keys = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const publicKey = Buffer.from(await crypto.subtle.exportKey("raw", keys.publicKey)).toString("base64");
  const [clientSecret, token] = [invention.hex(40), invention.hex(40)];
  const sessions = new Map<string, { session: AcmeSession; verdict: string }>();

  const opened =
    (answer: (call: Call) => Answer | undefined) =>
    (call: Call): Answer => {
      if (call.headers.authorization !== `Bearer ${token}`) return jsonAnswer({ message: "who are you" }, 401);
      return answer(call) ?? jsonAnswer({ message: "no such thing" }, 404);
    };

  function sessionOf({ segments: [id = ""] }: Call): Answer | undefined {
    const found = sessions.get(id);
    if (!found) return undefined;
    const { session, verdict } = found;
    const { person, files } = session;
    const [front, selfie] = files;
    if (!front || !selfie) return undefined;
    const [year, month, day] = person.birthDate.split("-");
    return jsonAnswer({
      session: {
        id,
        report_id: `rep-${id}`,
        opened: 1_770_113_000,
        decision: { verdict, manual: false },
        person: { names: { first: person.givenName, last: person.familyName }, dob: `${day}.${month}.${year}` },
        document: { class: "PASS", no: person.documentNumber, issuer: "br", valid_until: "2031-05-06" },
        liveness: { result: "live", percent: 97 },
        pictures: [
          { picture_id: front.id, shows: "front_side", file_name: "front.jpg", mime: "image/jpeg" },
          { picture_id: selfie.id, shows: "face", download_url: storage.link(selfie) },
        ],
        remark: "seen by nobody",
      },
    });
  }

  function pictureOf({ segments: [id = ""] }: Call): Answer | undefined {
    const files = [...sessions.values()].flatMap(({ session }) => session.files);
    const file = files.find((each) => each.id === id);
    return file && fileAnswer(file);
  }

  const reportOf = (): Answer =>
    jsonAnswer({
      report: {
        checks: [
          { about: "face", result: "ok" },
          { about: "sanctions", result: "hit" },
        ],
      },
    });

  function tokenOf({ headers }: Call): Answer {
    const expected = `Basic ${Buffer.from(`gatepost:${clientSecret}`).toString("base64")}`;
    const isClient = headers.authorization === expected;
    return isClient
      ? jsonAnswer({ access_token: token, token_type: "Bearer", expires_in: 3600 })
      : jsonAnswer({ error: "invalid_client" }, 401);
  }

  const service = await serve(
    routed(
      [
        { method: "POST", path: /^\/oauth\/token$/, answer: tokenOf },
        { method: "GET", path: /^\/v1\/sessions\/([^/]+)$/, answer: opened(sessionOf) },
        { method: "GET", path: /^\/v1\/reports\/([^/]+)$/, answer: opened(reportOf) },
        { method: "GET", path: /^\/v1\/pictures\/([^/]+)$/, answer: opened(pictureOf) },
      ],
      (status) => jsonAnswer({ message: "no such thing" }, status),
    ),
    around,
  );

  return {
    ...service,
    storage,
    publicKey,
    clientSecret,
    add(verdict = "genuine") {
      const id = invention.uuid();
      const files = ["front", "selfie"].map((name): NamedFile => ({
        id: `${name}-${id}`,
        ...inventFile("image/jpeg", 20_000, random),
      }));
      const data = { status: "done", session: { id }, customer: { reference: `cust-${id}` }, note: "hello" };
      const webhook = { id: `whk-${id}`, event_type: "session.completed", sent_at: (around.now ?? Date.now)(), data };
      const session: AcmeSession = { id, person: invention.person(), files, webhook };
      sessions.set(id, { session, verdict });
      return session;
    },
    sender: (account) =>
      createSender(
        account,
        { isTaken: ({ status }) => status === 200, delays: [], timeout: 30_000 },
        async (body, credential) => {
          const time = Math.floor(account.now() / 1000);
          const signed = Buffer.concat([Buffer.from(`${time}.`), body]);
          const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", keys.privateKey, signed));
          if (credential === "wrong") signature[0] = (signature[0] ?? 0) ^ 1;
          return { "acme-signature": `t=${time},v1=${Buffer.from(signature).toString("base64")}` };
        },
      ),
    async close() {
      await Promise.all([service.close(), storage.close()]);
    },
  };
}
