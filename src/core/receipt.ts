/** The raw webhook as received: its bytes, its address, and what is known beside them. */
import type { Basis, Environment } from "./event.ts";
import type { ReceiptAddress } from "./ids.ts";

/** What the source's configuration says about an event that it wants kept. */
export type KeptAction = "deliver" | "record";

/** What is known of a webhook beside its bytes; stored as the receipt's metadata. */
export interface ReceiptFacts {
  vendor: string;
  environment: Environment;
  basis: Basis;
  /** What the webhook was verified by; of several schemes that had to pass, all. */
  scheme?: string | undefined;
  action: KeptAction;
  /** ULID; sorts by time of receipt. */
  sequence: string;
  /** Epoch milliseconds. */
  receivedAt: number;
  /** Origin that the webhook came in on, or the configured public one. */
  origin: string;
  /** The request's headers that say how to read the bytes. */
  headers: Readonly<Record<string, string>>;
  /** No webhook came: somebody asked for the session. */
  isPull?: boolean;
}

/** A webhook about to be stored; its generation is found out then. */
export interface Arrival {
  address: Omit<ReceiptAddress, "generation">;
  facts: ReceiptFacts;
  body: Uint8Array;
  windowSeconds: number;
  /** The body carries the vendor's own time. */
  isDated: boolean;
}

export interface Receipt {
  address: ReceiptAddress;
  facts: ReceiptFacts;
  body: Uint8Array;
}

/** `receivedAt` of a repeat is that of the receipt it repeats. `done`: a repeat, and its work is known to be durable. */
export type Claimed =
  | { kind: "new"; address: ReceiptAddress }
  | { kind: "done"; address: ReceiptAddress }
  | { kind: "repeat"; address: ReceiptAddress; receivedAt: number };

/** What is known of a receipt whose work is durable. */
export interface Remembered {
  /** What the work was enqueued for. */
  action: KeptAction;
  /** End of the receipt's window, epoch milliseconds. */
  until: number;
}
