/** Looks each minute for sources that refuse everything or have fallen silent, and notes what is to be told of them. */
import type { Config } from "../config/config.ts";
import { LOOK_BACK_MS, watchSource, type SourceState, type WatchLedger } from "../core/watch.ts";

export interface WatchDeps {
  config(): Promise<Config | undefined>;
  watching: WatchLedger;
  now: number;
}

export async function watchSources({ config, watching, now }: WatchDeps): Promise<void> {
  const sources = (await config())?.sources;
  if (!sources) return;
  const { heard, known } = await watching.look(now - LOOK_BACK_MS);
  const watched = [...sources.values()]
    .filter(({ enabled }) => enabled)
    .map(({ name, silentAfterSeconds }) => {
      const before = known.get(name) ?? {};
      return { name, before, ...watchSource(before, heard.get(name) ?? [], silentAfterSeconds, now) };
    });
  const names = new Set(watched.map(({ name }) => name));
  await watching.remember({
    changed: watched.filter(({ before, state }) => !isSame(before, state)),
    // Whoever is configured again begins anew.
    gone: [...known.keys()].filter((name) => !names.has(name)),
    notes: watched.flatMap(({ name, found }) => found.map((each) => ({ ...each, subject: name, at: now }))),
  });
}

const isSame = (one: SourceState, other: SourceState): boolean =>
  one.heardAt === other.heardAt && one.rejectingSince === other.rejectingSince && one.silentSince === other.silentSince;
