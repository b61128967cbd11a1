/**
 * Object storage as vendors keep files in: another origin, links that carry their own signature, and no patience for a
 * request that brings a second credential. (S3 answers such a one with 400; so does this.)
 */
import { fileAnswer, routed, textAnswer } from "./answers.ts";
import type { InventedFile } from "./invented-files.ts";
import { createInvention, seeded } from "./invention.ts";
import { serve, type Service, type Surroundings } from "./serving.ts";

export interface Storage extends Service {
  /** A link to a file: its path is the same each time, its signature another. */
  link(file: InventedFile): string;
  /** From now on all links are answered with 403. */
  expireLinks(): void;
}

export async function startStorage(around: Surroundings): Promise<Storage> {
  const invention = createInvention(seeded(around.seed + 1));
  const names = new Map<InventedFile, string>();
  const files = new Map<string, InventedFile>();
  const signatures = new Set<string>();

  const routes = routed(
    [
      {
        method: "GET",
        path: /^\/bucket\/([^/]+)$/,
        answer({ segments: [name = ""], query, headers }) {
          if (headers.authorization !== undefined || "apikey" in headers)
            return textAnswer(400, "Only one way to authenticate is allowed");
          const file = files.get(name);
          const isSigned = signatures.has(`${name} ${query.get("X-Amz-Signature")}`);
          return file && isSigned ? fileAnswer(file) : textAnswer(403, "AccessDenied");
        },
      },
    ],
    (status) => textAnswer(status, "NoSuchKey"),
  );
  const service = await serve(routes, around);

  return {
    ...service,
    link(file) {
      const name = names.get(file) ?? invention.hex(32);
      const signature = invention.hex(64);
      names.set(file, name);
      files.set(name, file);
      signatures.add(`${name} ${signature}`);
      return `${service.url}/bucket/${name}?X-Amz-Expires=300&X-Amz-Signature=${signature}`;
    },
    expireLinks: () => signatures.clear(),
  };
}
