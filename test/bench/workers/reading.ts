/** Reads a configuration document so many times, as an isolate does when it finds a new one in the store. */
import { parseConfig } from "../../../src/config/load.ts";
import { readAllowance } from "../../../src/core/destination.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const times = Number(new URL(request.url).searchParams.get("times"));
    const text = await request.text();
    const allowance = readAllowance(undefined);
    let sources = 0;
    for (let time = 0; time < times; time++) sources = (await parseConfig(text, allowance))?.sources.size ?? -1;
    return Response.json({ sources });
  },
} satisfies ExportedHandler;
