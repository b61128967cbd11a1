/** A store or a queue could not be reached: nobody's fault, and worth another try later. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  readonly store: string;

  constructor(store: string, cause?: unknown) {
    super(`${store} is unavailable`, { cause });
    this.store = store;
  }
}
