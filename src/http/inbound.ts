/** `POST /in/{source}`: what stage 1 found, as an answer. One shape of 200 satisfies every vendor's rule for "received". */
import { object } from "../core/json-schema.ts";
import { readTraceparent, traceOf } from "../core/trace.ts";
import type { Log } from "../observe/log.ts";
import { receive, type Received, type ReceiveDeps } from "../receive/receive.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { NAME, RECEIPT_ID } from "./schemas.ts";

export async function handleInbound(request: Request, source: string, deps: ReceiveDeps, log: Log): Promise<Response> {
  if (isPlainHttp(new URL(request.url))) {
    log({ stage: "receive", outcome: "plain_http" });
    return problem("plain_http");
  }
  const received = await receive(request, source, deps);
  const known = isKnown(received) ? { source } : {};
  log({ stage: "receive", ...known, ...describe(received), ...tracing(request, received) });
  return answer(received);
}

function answer(received: Received): Response {
  switch (received.answer) {
    case "accepted":
      return success({ id: received.id, ...(received.isRepeat ? { duplicate: true } : {}) });
    case "ignored":
    case "ping":
      return success({ ignored: true });
    case "challenge":
      return repeat(received);
    case "method_not_allowed":
      return problem("method_not_allowed", {}, { allow: "POST" });
    case "refused_too_often":
      return problem("too_many_refusals");
    default:
      return problem(received.answer);
  }
}

function repeat({ as, echo, member }: Extract<Received, { answer: "challenge" }>): Response {
  const headers = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
  if (as === "json") return Response.json({ [member]: echo }, { headers });
  return new Response(echo, { headers: { ...headers, "content-type": "text/plain; charset=utf-8" } });
}

function success(members: Record<string, unknown>): Response {
  return Response.json({ success: true, ...members }, { headers: { "cache-control": "no-store" } });
}

const isKnown = (received: Received): boolean =>
  received.answer !== "unknown_source" && received.answer !== "not_configured";

function describe(received: Received) {
  if (received.answer === "accepted") {
    const { id, isRepeat, event } = received;
    return { outcome: isRepeat ? "repeat" : "accepted", receipt: id, event };
  }
  if (received.answer === "ignored") return { outcome: "ignored", event: received.event };
  return { outcome: received.answer, reason: "reason" in received ? received.reason : undefined };
}

/** A trace that its sender gave is named whatever became of the webhook. */
function tracing(request: Request, received: Received): { traceId?: string } {
  const traceparent = request.headers.get("traceparent") ?? undefined;
  const trace = received.answer === "accepted" ? traceOf(received.id, traceparent) : readTraceparent(traceparent);
  return trace ? { traceId: trace.id } : {};
}

const LOCAL_HOST = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function isPlainHttp(url: URL): boolean {
  return url.protocol === "http:" && !LOCAL_HOST.test(url.hostname);
}

const SUCCESS = object(
  { success: { const: true }, id: RECEIPT_ID, duplicate: { const: true }, ignored: { const: true } },
  ["success"],
);

export const inboundRoutes: readonly Route<{ receive: ReceiveDeps; log: Log }>[] = [
  {
    method: "POST",
    path: "/in/{source}",
    allow: "public",
    id: "receive",
    summary: "A vendor's webhook, proven as its source asks for",
    parameters: { source: NAME },
    body: {},
    answers: { 200: { schema: SUCCESS } },
    problems: [
      "unreadable",
      "not_verified",
      "plain_http",
      "unknown_source",
      "too_large",
      "too_many_refusals",
      "not_durable",
    ],
    answersAnyMethod: true,
    handle: ({ request, parameter, deps }) => handleInbound(request, parameter("source"), deps.receive, deps.log),
  },
];
