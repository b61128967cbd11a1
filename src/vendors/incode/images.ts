/**
 * A session's pictures. Which of them there are is not known before they are asked for, and each is asked for alone: above
 * 10 MB an answer fails as a whole.
 * Source: developer.incode.com/docs/fetch-images.
 */
import type { FileKind } from "../../core/files.ts";
import type { SessionFile } from "../session.ts";

const IMAGES: readonly (readonly [type: string, kind: FileKind])[] = [
  ["selfie", "selfie"],
  ["croppedFace", "document.portrait"],
  ["fullFrameFrontID", "document.front"],
  ["fullFrameBackID", "document.back"],
  ["croppedFrontID", "document.front"],
  ["croppedBackID", "document.back"],
];

export function listImages(baseUrl: string, interviewId: string): SessionFile[] {
  const query = new URLSearchParams({ id: interviewId });
  return IMAGES.map(([type, kind]) => ({
    id: type,
    kind,
    request: {
      method: "POST",
      url: `${baseUrl}/omni/get/images?${query.toString()}`,
      withCredential: true,
      body: JSON.stringify({ images: [type] }),
    },
    base64At: type,
    isOptional: true,
  }));
}
