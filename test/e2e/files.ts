/** The files of an event, as whoever has the event can have them. */
import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Verified } from "./gateway.ts";

export interface EventFile {
  id: string;
  kind: string;
  contentType: string;
  size: number;
  sha256: string;
  url: string;
}

type Event = Verified["event"];

export const dataOf = (event: Event): Record<string, unknown> => event.data as Record<string, unknown>;

export const filesOf = (event: Event): EventFile[] => (dataOf(event)["files"] ?? []) as EventFile[];

/** Every file through its link, byte for byte; and each that the vendor served is among them once. */
export async function expectFiles(event: Event, served: readonly { sha256: string }[]): Promise<void> {
  const files = filesOf(event);
  for (const file of files) {
    const response = await fetch(file.url);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(file.contentType);
    expect([bytes.byteLength, createHash("sha256").update(bytes).digest("hex")]).toEqual([file.size, file.sha256]);
  }
  const hashes = files.map(({ sha256 }) => sha256);
  for (const { sha256 } of served) expect(hashes.filter((hash) => hash === sha256)).toHaveLength(1);
}
