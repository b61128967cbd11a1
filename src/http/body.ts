/** A body in JSON, capped. */
import { parseText } from "../core/json.ts";
import { isDeclaredTooLarge, readBody } from "../receive/body.ts";
import { problem } from "./problem.ts";

export type JsonReading = { ok: true; value: unknown } | { ok: false; refusal: Response };

/**
 * `value` is `undefined` where the body is not JSON.
 * @param nothing what an empty body says; a request without a body has an empty one where it came by the network
 */
export async function readJson(request: Request, maxBytes: number, nothing?: object): Promise<JsonReading> {
  const isTooLarge = isDeclaredTooLarge(request.headers, maxBytes);
  const reading = isTooLarge ? undefined : await readBody(request, maxBytes);
  if (!reading?.ok) return { ok: false, refusal: problem("too_large") };
  if (reading.body.byteLength === 0) return { ok: true, value: nothing };
  return { ok: true, value: parseText(new TextDecoder().decode(reading.body)) };
}
