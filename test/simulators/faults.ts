/** What goes wrong at a vendor: scripted for the next requests, or by chance at a rate. */

export type Fault =
  /** An answer of this status instead of the real one; `retryAfter` as the header says it: seconds, or an HTTP date. */
  | { kind: "status"; status: number; retryAfter?: string }
  /** No answer ever. */
  | { kind: "hang" }
  /** The connection is reset before the answer. */
  | { kind: "reset" }
  /** Half the bytes, then the connection ends. The length is declared unless told otherwise. */
  | { kind: "cut"; isChunked?: boolean }
  /** 200 with JSON that ends in its middle. */
  | { kind: "wrong_json" }
  | { kind: "redirect"; to: string; status?: number }
  /** The real answer without a Content-Length. */
  | { kind: "chunked" }
  /** The real answer under another content type, or under none. */
  | { kind: "content_type"; contentType?: string }
  /** The real answer, late. Milliseconds before its headers and before each chunk. */
  | { kind: "slow"; beforeHeaders?: number; beforeChunks?: number };

export const OVERLOADED: Fault = { kind: "status", status: 503, retryAfter: "1" };
export const RATE_LIMITED: Fault = { kind: "status", status: 429, retryAfter: "1" };
export const NOT_READY: Fault = { kind: "status", status: 409 };
export const BROKEN: Fault = { kind: "status", status: 500 };

export interface FaultSwitch {
  /** The next requests whose path (with its query) matches; several scripts are met in the order they were given. */
  next(fault: Fault, times?: number, at?: RegExp): void;
  /** Of the requests that match and that no script meets, this share (0..1), each with one of these faults. */
  rate(share: number, faults: readonly Fault[], at?: RegExp): void;
  /** From now on nothing goes wrong. */
  clear(): void;
}

export interface Faults extends FaultSwitch {
  choose(path: string): Fault | undefined;
}

const ANYWHERE = /^/;

/** @param random 0..1 */
export function createFaults(random: () => number): Faults {
  let scripts: { fault: Fault; left: number; at: RegExp }[] = [];
  let chance: { share: number; faults: readonly Fault[]; at: RegExp } | undefined;

  return {
    next: (fault, times = 1, at = ANYWHERE) => void scripts.push({ fault, left: times, at }),
    rate: (share, faults, at = ANYWHERE) => void (chance = { share, faults, at }),
    clear() {
      scripts = [];
      chance = undefined;
    },
    choose(path) {
      const script = scripts.find(({ left, at }) => left > 0 && at.test(path));
      if (script) {
        script.left -= 1;
        return script.fault;
      }
      if (!chance?.at.test(path) || random() >= chance.share) return undefined;
      return chance.faults[Math.floor(random() * chance.faults.length)];
    },
  };
}
