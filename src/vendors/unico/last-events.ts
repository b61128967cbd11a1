/**
 * What a Unico process saw last before it expired, in the vendor's documented words (its page "Event types").
 * The vendor adds to them: a code that is not here is kept as sent, without a description.
 */
export const LAST_EVENTS: ReadonlyMap<string, string> = new Map([
  ["EVENT_TYPE_PROCESS_CREATED", "Process created"],
  ["EVENT_TYPE_QR_CODE_READ", "QR code was read"],
  ["EVENT_TYPE_PROCESS_STARTED_BY_USER", "Process started by user"],
  ["EVENT_TYPE_IDENTITY_VALIDATION_STEP_FINISHED", "Identity validation step finished"],
  ["EVENT_TYPE_DOCUMENT_STEP_STARTED", "Document step has started"],
  ["EVENT_TYPE_DOCUMENT_PHOTO_CAPTURED", "Photo of the document taken"],
  ["EVENT_TYPE_DOCUMENT_UPLOADED_FROM_GALLERY", "Document uploaded from gallery"],
  ["EVENT_TYPE_DOCUMENT_STEP_FINISHED", "Document step finished"],
  ["EVENT_TYPE_SESSION_ENDED", "Session ended by timeout or by new session created"],
  ["EVENT_TYPE_ERROR_ON_DOCUMENT_STEP", "Error on document step"],
]);
