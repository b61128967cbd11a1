/**
 * A simulated Unico tenant: GetProcess in both contracts, selfie, evidence set and documents; tokens come from its identity
 * server, documents from its storage, each an origin of its own.
 * Source: developer.unico.io, pages "GetProcess", "GetSelfie", "GetEvidenceSet" (Web & SDK) and "Get processes by id" (API).
 */
import { jsonAnswer, membersAnswer, routed, type Answer, type Call } from "../answers.ts";
import { inventFile, type InventedFile, type NamedFile } from "../invented-files.ts";
import { createInvention, seeded, type InventedPerson } from "../invention.ts";
import { serve, type Service } from "../serving.ts";
import { startStorage, type Storage } from "../storage.ts";
import { startUnicoIdentity, type UnicoIdentity, type UnicoIdentityWish } from "./identity.ts";
import { CLIENT_DONE, inventDocument, inventProcess, type ClientResult, type ProcessChanges } from "./processes.ts";

export interface UnicoSessionWish {
  processId?: string;
  process?: ProcessChanges;
  /** What the API contract answers; done and recognized if not said. */
  client?: ClientResult;
  /** Bytes. */
  sizes?: { selfie?: number; evidenceSet?: number; document?: number };
  /** What the vendor says of the evidence set; `application/pdf` if not said. */
  evidenceType?: string;
  /** One if not said. */
  documents?: number;
  /** Where they stand: in the newer generation's place if not said. */
  documentsAt?: "newer" | "older";
}

export interface AddedUnicoSession {
  id: string;
  person: InventedPerson;
  /** `selfie`, `evidenceset`, and documents by their `doc_id`. */
  files: readonly NamedFile[];
  /** Stands in the answer and must go nowhere else. */
  secretToken: string;
}

export interface UnicoSessions extends Service {
  /** For the API contract. */
  apiKey: string;
  identity: UnicoIdentity;
  storage: Storage;
  add(wish?: UnicoSessionWish): AddedUnicoSession;
  update(id: string, changes: Pick<UnicoSessionWish, "process" | "client">): void;
  forget(id: string): void;
}

interface Document {
  described: object;
  file: NamedFile;
}

interface Session {
  process: ProcessChanges;
  client: ClientResult;
  selfie: InventedFile;
  evidenceSet: InventedFile;
  documents: readonly Document[];
  documentsAt: "newer" | "older";
}

const USUAL_SIZES = { selfie: 50_000, evidenceSet: 300_000, document: 80_000 };

/** The flow whose processes have no selfie. */
const WITHOUT_SELFIE = "idsmart";

export async function startUnicoSessions(around: UnicoIdentityWish): Promise<UnicoSessions> {
  const { seed, now = Date.now } = around;
  const random = seeded(seed);
  const invention = createInvention(random);
  const apiKey = invention.hex(40);
  const sessions = new Map<string, Session>();
  const [identity, storage] = await Promise.all([startUnicoIdentity(around), startStorage(around)]);

  const ofSession =
    (answer: (session: Session, call: Call) => Answer, wantsKey = false) =>
    (call: Call) => {
      const [scheme, token] = (call.headers.authorization ?? "").split(" ");
      const isLetIn = scheme === "Bearer" && identity.tokens.isValid(token);
      if (!isLetIn || (wantsKey && call.headers["apikey"] !== apiKey)) return refuse(401);
      const session = sessions.get(call.segments[0] ?? "");
      return session ? answer(session, call) : refuse(404);
    };

  function readProcess({ process, documents, documentsAt }: Session): Answer {
    const described = documents.map(({ described: each, file }) => ({ ...each, signed_url: storage.link(file) }));
    const services = documentsAt === "newer" ? { documents: described } : { docs: { documents: described } };
    return jsonAnswer({ process: { ...process, ...(described.length > 0 && { services }) } });
  }

  const readSelfie = ({ process, selfie }: Session): Answer =>
    process["flow"] === WITHOUT_SELFIE ? refuse(404) : asMembers(selfie);

  /** Only of finished processes: before that it is a conflict. */
  const readEvidenceSet = ({ process, evidenceSet }: Session): Answer =>
    process["state"] === "PROCESS_STATE_FINISHED" ? asMembers(evidenceSet) : refuse(409);

  /** A process that ended in an error is told of with 410. */
  const readForClient = ({ client }: Session, { segments: [id] }: Call): Answer =>
    jsonAnswer({ id, ...client }, client.status === 5 ? 410 : 200);

  const service = await serve(
    routed(
      [
        { method: "GET", path: /^\/client\/v1\/process\/([^/]+)$/, answer: ofSession(readProcess) },
        { method: "GET", path: /^\/client\/v1\/process\/([^/]+)\/selfie$/, answer: ofSession(readSelfie) },
        { method: "GET", path: /^\/client\/v1\/process\/([^/]+)\/evidenceset$/, answer: ofSession(readEvidenceSet) },
        { method: "GET", path: /^\/processes\/v1\/([^/]+)$/, answer: ofSession(readForClient, true) },
      ],
      refuse,
    ),
    around,
  );

  function inventDocuments(count: number, size: number, person: InventedPerson): Document[] {
    return Array.from({ length: count }, () => {
      const id = invention.uuid();
      const file = { id, ...inventFile("image/jpeg", size, random) };
      return { described: inventDocument(id, person, invention), file };
    });
  }

  return {
    ...service,
    apiKey,
    identity,
    storage,
    add(wish = {}) {
      const id = wish.processId ?? invention.uuid();
      const person = invention.person();
      const sizes = { ...USUAL_SIZES, ...wish.sizes };
      const { process, token } = inventProcess(id, person, invention, now());
      const selfie = inventFile("image/jpeg", sizes.selfie, random);
      const pdf = inventFile("application/pdf", sizes.evidenceSet, random);
      const evidenceSet = { ...pdf, contentType: wish.evidenceType ?? pdf.contentType };
      const documents = inventDocuments(wish.documents ?? 1, sizes.document, person);
      const { client = CLIENT_DONE, documentsAt = "newer" } = wish;
      sessions.set(id, {
        process: { ...process, ...wish.process },
        client,
        selfie,
        evidenceSet,
        documents,
        documentsAt,
      });
      const files = [
        { id: "selfie", ...selfie },
        { id: "evidenceset", ...evidenceSet },
      ];
      return { id, person, secretToken: token, files: [...files, ...documents.map(({ file }) => file)] };
    },
    update(id, { process, client }) {
      const session = sessions.get(id);
      if (!session) throw new Error(`no process ${id}`);
      session.process = { ...session.process, ...process };
      session.client = client ?? session.client;
    },
    forget: (id) => void sessions.delete(id),
    async close() {
      await Promise.all([service.close(), identity.close(), storage.close()]);
    },
  };
}

const asMembers = (file: InventedFile): Answer => membersAnswer({ fileContents: file, contentType: file.contentType });

const refuse = (status: number): Answer =>
  jsonAnswer({ Error: { code: String(status), description: "simulated refusal" } }, status);
