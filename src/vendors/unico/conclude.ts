/** How a process that was read back and the webhook that pointed at it make one statement. */
import type { Missing, Statement } from "../../core/event.ts";
import { withMissing, type Findings } from "../reading.ts";
import type { SessionRead } from "../session.ts";
import type { Verdict } from "./verdict.ts";

/**
 * The API decides, also against a webhook that says that the process expired or failed. Where the API's words mean nothing to
 * us, what the webhook says stands, which is nothing where it is not proven.
 */
export function conclude(
  statement: Statement,
  verdict: Verdict | undefined,
  read: Findings & { session: Statement["session"] },
  missing: readonly Missing[],
): Pick<SessionRead, "statement" | "isConfirmed"> {
  const { session, ...findings } = read;
  const complete: Statement = {
    ...statement,
    ...findings,
    session: { ...statement.session, ...present(session) },
    extracted: { ...statement.extracted, ...findings.extracted },
  };
  const unsaid = verdict ? [] : [{ what: "state", why: "not_sent" }];
  const noted = withMissing(withoutState(complete), [...unsaid, ...missing]);
  const stands = statement.outcome !== "unknown" && (verdict?.outcome ?? "unknown") === "unknown";
  if (stands || !verdict) return { statement: noted, isConfirmed: false };
  const { type, outcome, word } = verdict;
  return {
    statement: { ...noted, type, outcome, session: { ...noted.session, vendorStatus: word } },
    isConfirmed: true,
  };
}

/** A state that the webhook did not send is not missed once the process has told it. */
function withoutState(statement: Statement): Statement {
  return { ...statement, missing: (statement.missing ?? []).filter(({ what }) => what !== "state") };
}

function present(session: Statement["session"]): Statement["session"] {
  return Object.fromEntries(Object.entries(session).filter(([, value]) => value !== undefined));
}
