/**
 * Ids and the parts of storage keys. All are hashes of what they name, so the same webhook has the same ids wherever and
 * however often it is handled.
 */
import { sha256Hex, shortHash } from "./digest.ts";

/** A receipt's place: one source, one session, one body, and how often that body has been news (`generation`). */
export interface ReceiptAddress {
  source: string;
  /** Hash of the vendor's session id; of the body where there is none. */
  session: string;
  /** Hash of the body: only the bytes decide what is a repeat. */
  body: string;
  generation: number;
}

export function hashBody(body: Uint8Array): Promise<string> {
  return sha256Hex(body).then((hex) => hex.slice(0, 32));
}

export function hashSession(source: string, sessionId: string): Promise<string> {
  return shortHash("session", source, sessionId);
}

const partsOf = ({ source, session, body, generation }: ReceiptAddress) => [source, session, body, String(generation)];

export async function receiptId(address: ReceiptAddress): Promise<string> {
  return `rcp_${await shortHash("receipt", ...partsOf(address))}`;
}

/** @param revision 1 is the receipt's first event, 2 the one that was made in its place after a mended configuration */
export async function eventId(address: ReceiptAddress, revision: number): Promise<string> {
  return `evt_${await shortHash("event", ...partsOf(address), String(revision - 1))}`;
}

/** Starts with the event's hash, so that an event's deliveries stand together and each is found without asking for the others. */
export async function deliveryId(event: string, subscriber: string): Promise<string> {
  return deliveryIdOf(event, await hashSubscriber(subscriber));
}

export const deliveryIdOf = (event: string, subscriberHash: string): string =>
  `dlv_${event.slice("evt_".length)}${subscriberHash}`;

export function hashSubscriber(subscriber: string): Promise<string> {
  return shortHash("subscriber", subscriber);
}

/** The customer's own id of a person: found again by whoever knows it, and read by nobody. */
export function hashExternalId(externalId: string): Promise<string> {
  return shortHash("external", externalId);
}
