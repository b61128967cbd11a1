/** Runs work on every item, at most `width` at a time; results in the items' order. */
export async function mapLimited<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = Array.from<R>({ length: items.length });
  let next = 0;
  async function lane(): Promise<void> {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T);
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return results;
}
