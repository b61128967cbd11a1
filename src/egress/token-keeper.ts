/**
 * Keeps the tokens that open vendors' APIs, so that any number of webhooks costs one token request per token's life.
 * A promise of one request must not be awaited by another on this platform: who comes second polls for the value.
 */
import {
  coolDownAfter,
  isFresh,
  isPast,
  type CoolDown,
  type ObtainedToken,
  type SharedTokens,
  type TokenKeeper,
  type TokenPlace,
  type TokenResult,
  type TokenWish,
} from "../core/obtained-token.ts";

/** What an isolate remembers of one place; nothing of it is used once the credential is another. */
interface Remembered {
  credential: string;
  token?: ObtainedToken | undefined;
  /** A token that does not open the API any more, wherever it turns up. */
  refused?: string | undefined;
  coolDown?: CoolDown | undefined;
  /** Before its end no further token is asked for because the last one was refused. */
  renewal?: CoolDown | undefined;
  /** Since when somebody is asking, epoch milliseconds. */
  askingSince?: number | undefined;
}

export type TokenMemory = Map<string, Remembered>;

export const createTokenMemory = (): TokenMemory => new Map();

export interface TokenKeeperDeps {
  memory: TokenMemory;
  store: SharedTokens;
  now(): number;
  pause(milliseconds: number): Promise<void>;
}

const POLL_MS = 50;
/** An invocation that asks for longer than this has died on the way, or may as well have. */
const ASKING_MS = 10_000;

export function createTokenKeeper({ memory, store, now, pause }: TokenKeeperDeps): TokenKeeper {
  function recall({ key, credential }: TokenPlace): Remembered {
    const remembered = memory.get(key);
    if (remembered?.credential === credential) return remembered;
    const nothingYet: Remembered = { credential };
    memory.set(key, nothingYet);
    return nothingYet;
  }

  function isBeingAsked({ askingSince }: Remembered): boolean {
    return askingSince !== undefined && now() - askingSince < ASKING_MS;
  }

  function usableOf({ token, refused }: Remembered): ObtainedToken | undefined {
    return token && token.token !== refused && token.expiresAt > now() ? token : undefined;
  }

  function freshOf(remembered: Remembered, { marginSeconds }: TokenWish): ObtainedToken | undefined {
    const token = usableOf(remembered);
    return token && isFresh(token, marginSeconds, now()) ? token : undefined;
  }

  async function acquire(wish: TokenWish): Promise<TokenResult> {
    const remembered = recall(wish.place);
    while (isBeingAsked(remembered) && !freshOf(remembered, wish)) await pause(POLL_MS);
    const token = freshOf(remembered, wish);
    if (token) return { ok: true, token: token.token };
    const cooling = stillCooling(remembered.coolDown, now());
    if (cooling) return cooling;
    const tooSoon = isReplacing(remembered) ? stillCooling(remembered.renewal, now()) : undefined;
    if (tooSoon) return (await findElsewhere(wish, remembered)) ?? tooSoon;

    // Between the last look at the memory and this mark nothing is awaited, so that one alone goes on.
    const since = now();
    remembered.askingSince = since;
    try {
      return (await findElsewhere(wish, remembered)) ?? (await ask(wish, remembered));
    } finally {
      if (remembered.askingSince === since) remembered.askingSince = undefined;
    }
  }

  /** What another isolate has obtained, or found not to be had. */
  async function findElsewhere(wish: TokenWish, remembered: Remembered): Promise<TokenResult | undefined> {
    const token = await store.read(wish.place, now());
    if (token && token.token !== remembered.refused && isFresh(token, wish.marginSeconds, now())) {
      remembered.token = token;
      return { ok: true, token: token.token };
    }
    const coolDown = await store.readCoolDown(wish.place, now());
    if (coolDown) remembered.coolDown = coolDown;
    return stillCooling(coolDown, now());
  }

  async function ask({ place, obtain }: TokenWish, remembered: Remembered): Promise<TokenResult> {
    // An account without the right to read has every token refused: unpaced, each webhook would cost one.
    if (isReplacing(remembered)) remembered.renewal = paced(remembered.renewal, now());
    const obtained = await obtain();
    const at = now();
    if (!obtained.ok) {
      remembered.coolDown = coolDownAfter(remembered.coolDown, obtained.why, at, obtained.afterSeconds);
      await store.writeCoolDown(place, remembered.coolDown, at);
      return stillCooling(remembered.coolDown, at) ?? { ok: false, why: obtained.why };
    }
    const { token, expiresInSeconds } = obtained;
    remembered.token = { token, obtainedAt: at, expiresAt: at + expiresInSeconds * 1000 };
    remembered.coolDown = undefined;
    await store.write(place, remembered.token, at);
    return { ok: true, token };
  }

  /** The newest token is one that was refused although its time is not over. */
  function isReplacing({ token, refused }: Remembered): boolean {
    return token !== undefined && token.token === refused && token.expiresAt > now();
  }

  return {
    async get(wish) {
      const remembered = recall(wish.place);
      const token = freshOf(remembered, wish);
      if (token) return { ok: true, token: token.token };
      const last = usableOf(remembered);
      // While it is being replaced, and where it cannot be, the old one is used to its end.
      if (last && isBeingAsked(remembered)) return { ok: true, token: last.token };
      const result = await acquire(wish);
      const left = result.ok ? undefined : usableOf(remembered);
      return left ? { ok: true, token: left.token } : result;
    },
    async renew(wish, refused) {
      const remembered = recall(wish.place);
      const other = usableOf(remembered);
      if (other && other.token !== refused) return { ok: true, token: other.token };
      remembered.refused = refused;
      return acquire(wish);
    },
  };
}

function paced(last: CoolDown | undefined, now: number): CoolDown {
  return coolDownAfter(last && !isPast(last, now) ? last : undefined, "refused", now);
}

function stillCooling(coolDown: CoolDown | undefined, now: number): Extract<TokenResult, { ok: false }> | undefined {
  if (!coolDown || coolDown.until <= now) return undefined;
  return { ok: false, why: coolDown.why, afterSeconds: Math.ceil((coolDown.until - now) / 1000) };
}
