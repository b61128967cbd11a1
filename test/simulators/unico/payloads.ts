/**
 * Unico's webhooks with invented ids.
 * Source: Unico's page "Event types", developer.unico.io.
 */
import type { Invention } from "../invention.ts";

/** What a process may have seen last before it expired, in the vendor's words. */
export const LAST_EVENTS = {
  EVENT_TYPE_PROCESS_CREATED: "Process created",
  EVENT_TYPE_QR_CODE_READ: "QR code was read",
  EVENT_TYPE_PROCESS_STARTED_BY_USER: "Process started by user",
  EVENT_TYPE_IDENTITY_VALIDATION_STEP_FINISHED: "Identity validation step finished",
  EVENT_TYPE_DOCUMENT_STEP_STARTED: "Document step has started",
  EVENT_TYPE_DOCUMENT_PHOTO_CAPTURED: "Photo of the document taken",
  EVENT_TYPE_DOCUMENT_UPLOADED_FROM_GALLERY: "Document uploaded from gallery",
  EVENT_TYPE_DOCUMENT_STEP_FINISHED: "Document step finished",
  EVENT_TYPE_SESSION_ENDED: "Session ended by timeout or by new session created",
  EVENT_TYPE_ERROR_ON_DOCUMENT_STEP: "Error on document step",
} as const;

export type LastEvent = keyof typeof LAST_EVENTS;

export interface UnicoWish {
  processId?: string;
  flow?: string;
}

export function createUnicoPayloads(invention: Invention) {
  const finished = (result: string, { processId = invention.uuid(), flow = "id" }: UnicoWish) => ({
    processId,
    state: "PROCESS_STATE_FINISHED",
    flow,
    result,
  });

  return {
    ok: (wish: UnicoWish = {}) => finished("ok", wish),
    invalidIdentity: (wish: UnicoWish = {}) => finished("invalid_identity", wish),
    expired: (lastEvent: LastEvent, wish: UnicoWish = {}) => ({
      ...finished("expired", wish),
      lastEvent,
      lastEventDescription: LAST_EVENTS[lastEvent],
    }),
  };
}
