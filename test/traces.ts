/** A search of every store for what should be in none of them. */

/** As much of a store as is needed to read all of it, in the Worker or outside. */
export interface Searchable {
  archive: {
    list(options?: { cursor?: string }): Promise<{ objects: { key: string }[]; truncated: boolean; cursor?: string }>;
    get(key: string): Promise<{ httpMetadata?: object; customMetadata?: object; text(): Promise<string> } | null>;
  };
  ledger: { prepare(sql: string): { all(): Promise<{ results: unknown[] }> } };
  namespaces: Readonly<
    Record<string, { list(): Promise<{ keys: { name: string }[] }>; get(key: string): Promise<string | null> }>
  >;
}

interface Place {
  place: string;
  text: string;
}

/** Where any of these texts stands: in a key, a value, metadata, or a row. */
export async function tracesIn(stores: Searchable, needles: readonly string[]): Promise<string[]> {
  const places = [...(await kvPlaces(stores)), ...(await archivePlaces(stores)), ...(await ledgerPlaces(stores))];
  return places.filter(({ text }) => needles.some((needle) => text.includes(needle))).map(({ place }) => place);
}

async function kvPlaces({ namespaces }: Searchable): Promise<Place[]> {
  const places: Place[] = [];
  for (const [name, namespace] of Object.entries(namespaces)) {
    for (const key of (await namespace.list()).keys) {
      const value = await namespace.get(key.name);
      places.push({ place: `${name} ${key.name}`, text: JSON.stringify([key, value]) });
    }
  }
  return places;
}

async function archivePlaces({ archive }: Searchable): Promise<Place[]> {
  const places: Place[] = [];
  for (let cursor: string | undefined, isMore = true; isMore;) {
    const page = await archive.list(cursor === undefined ? {} : { cursor });
    for (const { key } of page.objects) {
      const object = await archive.get(key);
      const { httpMetadata, customMetadata } = object ?? {};
      places.push({ place: key, text: JSON.stringify([key, httpMetadata, customMetadata]) + (await object?.text()) });
    }
    cursor = page.cursor;
    isMore = page.truncated;
  }
  return places;
}

const TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'";

async function ledgerPlaces({ ledger }: Searchable): Promise<Place[]> {
  const { results } = await ledger.prepare(TABLES).all();
  const rows = (results as { name: string }[]).map(async ({ name }) => {
    const found = await ledger.prepare(`SELECT * FROM ${name}`).all();
    return found.results.map((row) => ({ place: name, text: JSON.stringify(row) }));
  });
  return (await Promise.all(rows)).flat();
}
