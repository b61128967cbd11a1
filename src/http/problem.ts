/** Every error answer: RFC 9457 problems with a stable `type`. The wording is made here and repeats nothing of the request. */

interface Wording {
  status: number;
  title: string;
  detail?: string;
}

const WORDINGS = {
  bad_request: { status: 400, title: "The request cannot be read" },
  bad_query: { status: 400, title: "A query parameter cannot be used" },
  bad_json: { status: 400, title: "The body is not JSON" },
  unreadable: { status: 400, title: "The body cannot be read as this vendor's webhook" },
  not_verified: { status: 401, title: "The webhook is not verified" },
  not_signed_in: {
    status: 401,
    title: "The admin token is missing or wrong",
    detail: "Send Authorization: Bearer with the value of the secret ADMIN_TOKEN.",
  },
  link_refused: {
    status: 403,
    title: "The link is not valid",
    detail:
      "It has expired, was made for a subscriber that is gone, or was changed. Links are made anew with each delivery.",
  },
  plain_http: { status: 403, title: "Plain http is not accepted", detail: "Use https." },
  not_found: { status: 404, title: "There is nothing here" },
  unknown_source: { status: 404, title: "There is no such source" },
  unknown_event: { status: 404, title: "There is no such event" },
  unknown_receipt: { status: 404, title: "There is no such receipt" },
  unknown_session: { status: 404, title: "The ledger knows of no such session" },
  unknown_file: { status: 404, title: "There is no such file" },
  unknown_secret: { status: 404, title: "There is no such secret" },
  unknown_subscriber: { status: 404, title: "There is no such subscriber" },
  unknown_token: { status: 404, title: "There is no such token" },
  method_not_allowed: { status: 405, title: "The method is not allowed here" },
  no_session: {
    status: 409,
    title: "The source does not read sessions back",
    detail: "Configure its session block first.",
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
  not_set_up: { status: 503, title: "The gateway is not set up" },
} as const satisfies Record<string, Wording>;

export type ProblemReason = keyof typeof WORDINGS;

const RETRY_AFTER_SECONDS: Readonly<Record<number, string>> = { 429: "60", 503: "30" };

export function problem(
  reason: ProblemReason,
  extra: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Response {
  const wording: Wording = WORDINGS[reason];
  const { status, title, detail } = wording;
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
