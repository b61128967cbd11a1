/** Every error answer: RFC 9457 problems with a stable `type`. The wording is made here and repeats nothing of the request. */

interface Wording {
  status: number;
  title: string;
  detail?: string;
}

const WORDINGS = {
  bad_request: { status: 400, title: "The request cannot be read" },
  bad_query: { status: 400, title: "A query parameter cannot be used" },
  invalid_message: {
    status: 400,
    title: "The version's message cannot be used",
    detail: "gatepost-message is percent-encoded UTF-8: 1 to 500 characters without control characters.",
  },
  bad_json: { status: 400, title: "The body is not JSON" },
  unreadable: { status: 400, title: "The body cannot be read as this vendor's webhook" },
  not_verified: { status: 401, title: "The webhook is not verified" },
  not_signed_in: {
    status: 401,
    title: "The API token is missing, wrong, or has ended",
    detail: "Send Authorization: Bearer with a token made at /api/tokens, or with the value of the secret ADMIN_TOKEN.",
  },
  link_refused: {
    status: 403,
    title: "The link is not valid",
    detail:
      "It has expired, was made for a subscriber that is gone, or was changed. Links are made anew with each delivery.",
  },
  cross_site: { status: 403, title: "The request comes from another site's page" },
  forbidden: { status: 403, title: "The caller's role does not allow this", detail: "It takes the role named." },
  plain_http: { status: 403, title: "Plain http is not accepted", detail: "Use https." },
  not_found: { status: 404, title: "There is nothing here" },
  unknown_source: { status: 404, title: "There is no such source" },
  unknown_event: { status: 404, title: "There is no such event" },
  unknown_receipt: {
    status: 404,
    title: "There is no such receipt",
    detail: "One that was just received is known once it has been processed.",
  },
  unknown_delivery: { status: 404, title: "There is no such delivery" },
  unknown_session: { status: 404, title: "The ledger knows of no such session" },
  unknown_file: { status: 404, title: "There is no such file" },
  unknown_erasure: { status: 404, title: "There is no such erasure" },
  unknown_replay: { status: 404, title: "There is no such replay" },
  not_on_hold: { status: 404, title: "The session is not on hold" },
  unknown_secret: { status: 404, title: "There is no such secret" },
  unknown_subscriber: { status: 404, title: "There is no such subscriber" },
  unknown_version: { status: 404, title: "There is no such version of the configuration" },
  unknown_token: { status: 404, title: "There is no such token" },
  method_not_allowed: { status: 405, title: "The method is not allowed here" },
  no_session: {
    status: 409,
    title: "The source does not read sessions back",
    detail: "Configure its session block first.",
  },
  nothing_forgotten: {
    status: 409,
    title: "The ledger has forgotten nothing",
    detail: "If it has lost something all the same, ask with force=true.",
  },
  delivery_under_way: {
    status: 409,
    title: "An attempt is under way",
    detail: "Nothing was changed. Try again when it has ended.",
  },
  no_subscriber: {
    status: 409,
    title: "The subscriber is gone, or switched off",
    detail: "Nothing was changed. Configure and enable it first.",
  },
  too_many_replays: {
    status: 409,
    title: "Too many replays are running",
    detail: "Wait until one has finished, or cancel one.",
  },
  on_hold: {
    status: 409,
    title: "On hold",
    detail: "Nothing was erased: release what is held first.",
  },
  token_exists: {
    status: 409,
    title: "There is a token of this name",
    detail: "The audit knows tokens by their names. Revoke the other one first, or choose another name.",
  },
  secret_exists: {
    status: 409,
    title: "There is a secret of this name",
    detail: 'Nothing was changed. Send "replace": true to have another in its place.',
  },
  erased: { status: 410, title: "This was erased" },
  expired: {
    status: 410,
    title: "This has expired",
    detail: "It was kept for as long as its source's retention says.",
  },
  invalid_session_id: { status: 400, title: "This cannot be a session id of this vendor" },
  stale: {
    status: 412,
    title: "The configuration has changed since it was read",
    detail: "Read it again, and repeat the change.",
  },
  too_large: { status: 413, title: "The body is too large" },
  invalid_config: {
    status: 422,
    title: "The configuration is not valid",
    detail: "Nothing was changed. Each fault is named by its path.",
  },
  invalid_rollback: {
    status: 422,
    title: "This does not say what to go back to",
    detail: 'Send {"version": n} and, if you like, {"message": "…"} of 1 to 500 characters.',
  },
  invalid_replay: {
    status: 422,
    title: "This cannot be replayed",
    detail: "Nothing was sent. Each fault is named by its path.",
  },
  invalid_erasure: {
    status: 422,
    title: "This does not say what to erase",
    detail: 'Send {"source": "…", "session": "…"} or {"externalId": "…"}.',
  },
  invalid_token: {
    status: 422,
    title: "The token cannot be made like this",
    detail:
      'Send {"name": "…", "role": "viewer", "operator" or "admin", "expiresInDays": 1 to 3650 or absent}; a name of a-z, 0-9 and -, not one of the gateway\'s own.',
  },
  invalid_secret: {
    status: 422,
    title: "The secret is not valid",
    detail: 'Send {"value": "…"}: a text of 1 to 65536 characters.',
  },
  invalid_secret_name: {
    status: 422,
    title: "The name is not valid",
    detail: "Letters, digits, - and _, at most 63; not a name of the gateway's own.",
  },
  invalid_key_wish: {
    status: 422,
    title: "The kind of key is not known",
    detail: 'Send {"kind": "whsec"} or {"kind": "whsk"}; with "replace": true it may take the place of another secret.',
  },
  too_many_refusals: { status: 429, title: "Too many refused attempts", detail: "Wait before trying again." },
  range_not_satisfiable: { status: 416, title: "The file has no such range" },
  internal: { status: 500, title: "The gateway failed to handle the request" },
  not_configured: {
    status: 503,
    title: "No configuration is loaded",
    detail: "Put one with PUT /api/config; senders may try again later.",
  },
  not_durable: { status: 503, title: "The webhook could not be stored", detail: "Send it again later." },
  unavailable: { status: 503, title: "A store cannot be reached", detail: "Try again later." },
  ledger_behind: {
    status: 503,
    title: "The ledger has forgotten what it knew",
    detail: "Have it reindexed with POST /api/reindex first.",
  },
  not_set_up: { status: 503, title: "The gateway is not set up" },
} as const satisfies Record<string, Wording>;

export type ProblemReason = keyof typeof WORDINGS;

export const wordingOf = (reason: ProblemReason): Wording => WORDINGS[reason];

const RETRY_AFTER_SECONDS: Readonly<Record<number, string>> = { 429: "60", 503: "30" };

export function problem(
  reason: ProblemReason,
  extra: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Response {
  const { status, title, detail } = wordingOf(reason);
  const retryAfter = RETRY_AFTER_SECONDS[status];
  const body = {
    type: `urn:gatepost:problem:${reason.replaceAll("_", "-")}`,
    title,
    status,
    ...(detail ? { detail } : {}),
    ...extra,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(retryAfter ? { "retry-after": retryAfter } : {}),
      ...headers,
    },
  });
}
