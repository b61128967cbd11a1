/**
 * A simulated Regula platform's session API: `GET /api/sessions/{id}` and the files whose URLs stand in its answer.
 * Source: Regula's page "Getting Session Data via API". Whether lists or maps, absolute or relative URLs, from the platform
 * itself or from object storage is not documented: a test chooses.
 */
import { fileAnswer, jsonAnswer, routed, textAnswer, type Answer, type Call } from "../answers.ts";
import type { InventedFile, NamedFile } from "../invented-files.ts";
import { createInvention, seeded, type InventedPerson } from "../invention.ts";
import { serve, type Service, type Surroundings } from "../serving.ts";
import { startStorage, type Storage } from "../storage.ts";
import { inventRegulaFiles, propertiesOf, USUAL_SIZES, type RegulaFile, type RegulaSizes } from "./session-files.ts";

export interface RegulaSessionWish {
  sessionId?: string;
  /** 2 (verified) if not said. */
  status?: number | string;
  /** Beside those of the demonstration workflow; `undefined` takes one away. */
  properties?: Readonly<Record<string, unknown>>;
  /** Of `properties` and `files`; `list` if not said. */
  shape?: "list" | "map";
  /** `relative` concerns the platform's own; `absolute` if not said. */
  urls?: "absolute" | "relative";
  /** Who gives the files: the platform (if not said), object storage by a redirect of it, or storage directly. */
  filesFrom?: "platform" | "redirect" | "storage";
  sizes?: Partial<RegulaSizes>;
  /** Files with these ids alone; all if not said. */
  only?: readonly string[];
}

export interface RegulaSessionChanges {
  status?: number | string;
  properties?: Readonly<Record<string, unknown>>;
}

export interface AddedRegulaSession {
  id: string;
  person: InventedPerson;
  files: readonly NamedFile[];
  /** Pictures within the Document Reader's answer. */
  inline: Readonly<Record<"portrait" | "front" | "back", InventedFile>>;
}

export interface RegulaSessions extends Service {
  apiKey: string;
  storage: Storage;
  add(wish?: RegulaSessionWish): AddedRegulaSession;
  update(id: string, changes: RegulaSessionChanges): void;
  /** The clean-up job was here: session and files are not found any more, or just one of the files. */
  forget(id: string, fileId?: string): void;
}

interface Session extends Required<Pick<RegulaSessionWish, "status" | "shape" | "urls" | "filesFrom">> {
  properties: Readonly<Record<string, unknown>>;
  files: RegulaFile[];
}

export async function startRegulaSessions(around: Surroundings): Promise<RegulaSessions> {
  const random = seeded(around.seed);
  const invention = createInvention(random);
  const apiKey = invention.hex(40);
  const sessions = new Map<string, Session>();
  const storage = await startStorage(around);

  const guarded = (answer: (call: Call) => Answer) => (call: Call) =>
    call.headers.authorization === `Apikey ${apiKey}` ? answer(call) : refuse(401);

  function readSession({ segments: [id = ""] }: Call): Answer {
    const session = sessions.get(id);
    return session ? jsonAnswer(describe(id, session)) : refuse(404);
  }

  function readFile({ segments: [id = "", fileId = ""] }: Call): Answer {
    const session = sessions.get(id);
    const found = session?.files.find((each) => each.id === fileId);
    if (!session || !found) return refuse(404);
    if (session.filesFrom === "platform") return fileAnswer(found.file);
    return textAnswer(302, "", { location: storage.link(found.file) });
  }

  function describe(id: string, { status, shape, files, properties, urls, filesFrom }: Session) {
    const own = urls === "absolute" ? service.url : "";
    const urlOf = (each: RegulaFile) =>
      filesFrom === "storage" ? storage.link(each.file) : `${own}/api/sessions/${id}/files/${each.id}`;
    const described = files.map((each): [string, object] => {
      const { action, type, name, file } = each;
      return [each.id, { action, type, name, contentType: file.contentType, url: urlOf(each) }];
    });
    const values = Object.entries(properties).filter(([, value]) => value !== undefined);
    return {
      id,
      status,
      workflow: { id: "onboarding-br" },
      properties: shape === "map" ? Object.fromEntries(values) : values.map(([name, value]) => ({ id: name, value })),
      files: shape === "map" ? Object.fromEntries(described) : described.map(([name, rest]) => ({ id: name, ...rest })),
    };
  }

  const service = await serve(
    routed(
      [
        { method: "GET", path: /^\/api\/sessions\/([^/]+)$/, answer: guarded(readSession) },
        { method: "GET", path: /^\/api\/sessions\/([^/]+)\/files\/([^/]+)$/, answer: guarded(readFile) },
      ],
      refuse,
    ),
    around,
  );

  return {
    ...service,
    apiKey,
    storage,
    add(wish = {}) {
      const { sessionId: id = invention.uuid(), status = 2, only } = wish;
      const { shape = "list", urls = "absolute", filesFrom = "platform" } = wish;
      const person = invention.person();
      const invented = inventRegulaFiles(person, { ...USUAL_SIZES, ...wish.sizes }, random);
      const files = invented.files.filter((each) => only?.includes(each.id) ?? true);
      const properties = { ...propertiesOf(person), ...wish.properties };
      sessions.set(id, { status, shape, urls, filesFrom, properties, files });
      return { id, person, inline: invented.inline, files: files.map((each) => ({ id: each.id, ...each.file })) };
    },
    update(id, { status, properties }) {
      const session = sessions.get(id);
      if (!session) throw new Error(`no session ${id}`);
      session.status = status ?? session.status;
      session.properties = { ...session.properties, ...properties };
    },
    forget(id, fileId) {
      const session = sessions.get(id);
      if (session && fileId !== undefined) session.files = session.files.filter((each) => each.id !== fileId);
      else sessions.delete(id);
    },
    async close() {
      await Promise.all([service.close(), storage.close()]);
    },
  };
}

const refuse = (status: number): Answer => jsonAnswer({ message: "simulated refusal" }, status);
