/** A body in JSON, capped. */
import { parseText } from "../core/json.ts";
import { isDeclaredTooLarge, readBody } from "../receive/body.ts";
import { problem } from "./problem.ts";

export type JsonReading = { ok: true; value: unknown } | { ok: false; refusal: Response };

/** `value` is `undefined` where the body is not JSON. */
export async function readJson(request: Request, maxBytes: number): Promise<JsonReading> {
  const isTooLarge = isDeclaredTooLarge(request.headers, maxBytes);
  const reading = isTooLarge ? undefined : await readBody(request, maxBytes);
  if (!reading?.ok) return { ok: false, refusal: problem("too_large") };
  return { ok: true, value: parseText(new TextDecoder().decode(reading.body)) };
}
