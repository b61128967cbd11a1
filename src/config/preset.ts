/** A source with what its preset says for it: the source's own members win, of `verify` scheme by scheme, of `webhook` and `map` field by field. */
import { isObject } from "../core/json.ts";
import { presets } from "./presets/presets.ts";

interface PresetSource {
  preset?: unknown;
  verify?: unknown;
  webhook?: object;
  map?: object;
}

/** Of any shape, so that what the two make together is checked while either may still be wrong. */
export function withPreset<Source extends object>(source: Source): Source {
  const { preset: name, verify, webhook, map } = source as PresetSource;
  if (typeof name !== "string" || !Object.hasOwn(presets, name)) return source;
  const preset = presets[name as keyof typeof presets];
  const complete = (each: unknown): unknown => {
    if (!isObject(each)) return each;
    if (Array.isArray(each.all)) return { ...each, all: each.all.map(complete) };
    return { ...preset.verify.find(({ scheme }) => scheme === each.scheme), ...each };
  };
  return {
    ...preset,
    ...source,
    verify: Array.isArray(verify) ? verify.map(complete) : verify,
    webhook: preset.webhook || webhook ? { ...preset.webhook, ...webhook } : undefined,
    map: preset.map || map ? { ...preset.map, ...map } : undefined,
  };
}
