/** Work on many items, so much at a time. */

/** Runs work on every item, at most `width` at a time; results in the items' order. */
export function mapLimited<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  return mapFairly(items, { width, share: width, groupOf: () => "", mostOf: () => width }, work);
}

export interface Fairness<T> {
  /** At a time, all in all. */
  width: number;
  /** Of one group at a time while items of others wait. */
  share: number;
  groupOf(item: T): string;
  /** Of one group at a time, whoever waits. */
  mostOf(group: string): number;
  /** Told when all items of a group are done. */
  onDone?(group: string): void;
}

/** The same, so that a group whose items take long leaves room for the others. Within a group in the items' order. */
export function mapFairly<T, R>(
  items: readonly T[],
  fairness: Fairness<T>,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = Array.from<R>({ length: items.length });
  const waiting = items.map((item, index) => ({ item, index, group: fairness.groupOf(item) }));
  const running = new Map<string, number>();
  let inFlight = 0;

  const runningOf = (group: string) => running.get(group) ?? 0;
  const mayRun = (group: string, share: number) => runningOf(group) < Math.min(share, fairness.mostOf(group));
  /** A place stays empty rather than go to a group that has its share: whatever takes long there would soon have them all. */
  function next() {
    const isAlone = waiting.every(({ group }) => group === waiting[0]?.group);
    const index = waiting.findIndex(({ group }) => mayRun(group, isAlone ? fairness.width : fairness.share));
    return index < 0 ? undefined : waiting.splice(index, 1)[0];
  }

  return new Promise((resolve, reject) => {
    async function run({ item, index, group }: (typeof waiting)[number]): Promise<void> {
      running.set(group, runningOf(group) + 1);
      inFlight++;
      results[index] = await work(item);
      running.set(group, runningOf(group) - 1);
      inFlight--;
      if (runningOf(group) === 0 && !waiting.some((each) => each.group === group)) fairness.onDone?.(group);
      start();
    }
    function start(): void {
      while (inFlight < fairness.width) {
        const found = next();
        if (!found) break;
        run(found).catch(reject);
      }
      if (inFlight === 0 && waiting.length === 0) resolve(results);
    }
    start();
  });
}
