/**
 * A simulated Incode environment: log-in, score, OCR, images and watchlist results.
 * Source: developer.incode.com, pages "Introduction", "How to get a session token", "Fetch scores", "Fetch extracted OCR",
 * "Fetch images", and Incode's page "Web hooks".
 */
import { jsonAnswer, membersAnswer, routed, type Answer, type Call, type ReceivedRequest } from "../answers.ts";
import { inventFile, type InventedFile, type NamedFile } from "../invented-files.ts";
import { createInvention, seeded, type InventedPerson } from "../invention.ts";
import { createIssuedTokens, type IssuedTokens } from "../issued-tokens.ts";
import { serve, type Service, type Surroundings } from "../serving.ts";
import { ocrOf, scoreOf, watchlistAnswer, type IncodeVerdict, type WatchlistShape } from "./session-data.ts";

export interface IncodeSessionWish {
  interviewId?: string;
  /** `OK` if not said. */
  verdict?: IncodeVerdict;
  /** The whole score instead of an invented one. */
  score?: object;
  /** Members of the OCR beside the invented ones; `undefined` takes one away. */
  ocr?: Readonly<Record<string, unknown>>;
  /** Some environments put the OCR into a member `ocrData`. */
  isOcrWrapped?: boolean;
  /** Bytes of each type that there is; a selfie and both sides of a document if not said. */
  images?: Readonly<Record<string, number>>;
  watchlist?: { ref: string; searchId: string; hits?: readonly object[]; shape?: WatchlistShape };
}

export interface AddedIncodeSession {
  id: string;
  person: InventedPerson;
  files: readonly NamedFile[];
}

export interface IncodeSessions extends Service {
  apiKey: string;
  email: string;
  password: string;
  tokens: IssuedTokens;
  add(wish?: IncodeSessionWish): AddedIncodeSession;
  update(id: string, changes: Pick<IncodeSessionWish, "verdict" | "score">): void;
  forget(id: string): void;
}

interface Session {
  score: object;
  ocr: object;
  images: ReadonlyMap<string, InventedFile>;
}

const USUAL_IMAGES = { selfie: 50_000, croppedFace: 20_000, croppedFrontID: 60_000, croppedBackID: 60_000 };

const TOKEN_LIFETIME_SECONDS = 86_400;

/** An answer that would be larger ends in a 502. */
const MAX_IMAGES_BYTES = 10 * 1024 * 1024;

export async function startIncodeSessions(around: Surroundings): Promise<IncodeSessions> {
  const { seed, now = Date.now } = around;
  const random = seeded(seed);
  const invention = createInvention(random);
  const credentials = { apiKey: invention.hex(40), email: "bot@example.test", password: invention.hex(24) };
  const tokens = createIssuedTokens(invention, TOKEN_LIFETIME_SECONDS, now);
  const sessions = new Map<string, Session>();
  /** By each of the ids that a notice carries. */
  const watchlists = new Map<string, object>();

  const refuse = (status: number, { path }: ReceivedRequest): Answer => {
    const [pathname] = path.split("?");
    const answer = { timestamp: now(), status, error: "simulated", message: "simulated refusal", path: pathname };
    return jsonAnswer(answer, status);
  };

  const hasKey = ({ headers }: Call) => headers["x-api-key"] === credentials.apiKey && headers["api-version"] === "1.0";

  function guarded(answer: (call: Call) => Answer) {
    return (call: Call): Answer => {
      const token = call.headers["x-incode-hardware-id"];
      // Paths below `/0` want the token alone.
      const isLetIn = (call.path.startsWith("/0/") || hasKey(call)) && tokens.isValid(String(token));
      return isLetIn ? answer(call) : refuse(401, call);
    };
  }

  function logIn(call: Call): Answer {
    const { email, password } = membersOf(call.body);
    const isRight = hasKey(call) && email === credentials.email && password === credentials.password;
    return isRight ? jsonAnswer({ token: tokens.issue() }) : refuse(401, call);
  }

  const ofSession = (answer: (session: Session, call: Call) => Answer) =>
    guarded((call) => {
      const session = sessions.get(call.query.get("id") ?? "");
      return session ? answer(session, call) : refuse(404, call);
    });

  function readImages({ images }: Session, call: Call): Answer {
    const { images: types } = membersOf(call.body);
    if (!Array.isArray(types)) return refuse(400, call);
    const answer = membersAnswer(Object.fromEntries([...images].filter(([type]) => types.includes(type))));
    return answer.size > MAX_IMAGES_BYTES ? refuse(502, call) : answer;
  }

  function readWatchlist(call: Call): Answer {
    const { query } = call;
    const result = watchlists.get(query.get("ref") ?? query.get("id") ?? "");
    return result ? jsonAnswer(result) : refuse(404, call);
  }

  const service = await serve(
    routed(
      [
        { method: "POST", path: /^\/executive\/log-in$/, answer: logIn },
        { method: "GET", path: /^(?:\/0)?\/omni\/get\/score$/, answer: ofSession(({ score }) => jsonAnswer(score)) },
        { method: "GET", path: /^(?:\/0)?\/omni\/get\/ocr-data$/, answer: ofSession(({ ocr }) => jsonAnswer(ocr)) },
        { method: "POST", path: /^(?:\/0)?\/omni\/get\/images$/, answer: ofSession(readImages) },
        { method: "GET", path: /^(?:\/0)?\/omni\/updated-watchlist-result$/, answer: guarded(readWatchlist) },
      ],
      refuse,
    ),
    around,
  );

  return {
    ...service,
    ...credentials,
    tokens,
    add(wish = {}) {
      const id = wish.interviewId ?? invention.hex(24);
      const person = invention.person();
      const ocr = { ...ocrOf(person), ...wish.ocr };
      const files = Object.entries(wish.images ?? USUAL_IMAGES).map(([type, size]) => ({
        id: type,
        ...inventFile("image/jpeg", size, random),
      }));
      sessions.set(id, {
        score: wish.score ?? scoreOf(wish.verdict ?? "OK"),
        ocr: wish.isOcrWrapped ? { ocrData: ocr } : ocr,
        images: new Map(files.map((file) => [file.id, file])),
      });
      if (wish.watchlist) {
        const { ref, searchId, hits = [], shape = "content" } = wish.watchlist;
        for (const name of [ref, searchId, id]) watchlists.set(name, watchlistAnswer(ref, hits, shape));
      }
      return { id, person, files };
    },
    update(id, { verdict, score }) {
      const session = sessions.get(id);
      if (!session) throw new Error(`no interview ${id}`);
      session.score = score ?? (verdict ? scoreOf(verdict) : session.score);
    },
    forget: (id) => void sessions.delete(id),
  };
}

function membersOf(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}
