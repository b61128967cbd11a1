/**
 * SEON's names and words, as data. Its documentation writes fields in snake_case, its webhooks send camelCase, and some
 * names differ in more than that; each field is asked for by all its names.
 * Source: SEON's page "Integration and webhooks" and docs.seon.io/api-reference/webhooks.
 */
import type { CheckKind, CheckResult } from "../../core/event.ts";
import type { OutcomeTable } from "../../core/outcome.ts";

export const FIELDS = {
  sessionId: ["sessionId", "session_id"],
  referenceId: ["referenceId", "reference_id"],
  userId: ["userId", "user_id"],
  status: ["status"],
  name: ["name"],
  email: ["email"],
  phone: ["phoneNumber", "phone", "phone_number"],
  startedAt: ["startedAt", "started_at"],
  finishedAt: ["finishedAt", "finished_at"],
  timeline: ["timeline"],
  extraction: ["dataExtractionResult", "data_extraction", "data_extraction_result"],
  proofOfAddress: ["proofOfAddressResult", "proof_of_address_result", "proofOfAddress", "proof_of_address"],
  duplicates: ["duplicatesFound", "duplicate_detection", "duplicates_found", "duplicateDetection"],
  fullName: ["fullName", "full_name"],
  givenName: ["firstName", "first_name", "givenName", "given_name"],
  familyName: ["lastName", "last_name", "familyName", "family_name"],
  birthDate: ["birthDate", "birth_date", "dateOfBirth", "date_of_birth"],
  gender: ["gender"],
  nationality: ["nationality"],
  address: ["address"],
  country: ["country"],
  region: ["state"],
  documentType: ["documentType", "document_type"],
  documentNumber: ["documentNumber", "document_number"],
  issuedOn: ["documentIssueDate", "document_issue_date"],
  expiresOn: ["documentExpirationDate", "document_expiration_date"],
} as const;

export const OUTCOMES: OutcomeTable = {
  APPROVED: "approved",
  DECLINED: "declined",
  REVIEW: "review",
  ABANDONED: "abandoned",
};

/** Words of checks (`PASS`) and of whole blocks (`APPROVED`). */
export const RESULTS: ReadonlyMap<string, CheckResult> = new Map([
  ["PASS", "pass"],
  ["APPROVED", "pass"],
  ["FAIL", "fail"],
  ["DECLINED", "fail"],
  ["REVIEW", "review"],
  ["NOT_PERFORMED", "not_performed"],
]);

/** Kinds of the blocks. A selfie is compared and tested for life: its own result is of neither kind, its members' are. */
export const BLOCK_KINDS: ReadonlyMap<string, CheckKind> = new Map([
  ["document", "document"],
  ["liveness", "liveness"],
  ["selfie", "other"],
  ["face_matching", "face_match"],
  ["proof_of_address", "proof_of_address"],
]);

/** Kinds of sub-checks that look at something else than the block they stand in. */
export const CHECK_KINDS: ReadonlyMap<string, CheckKind> = new Map([
  ["liveness", "liveness"],
  ["face_matching", "face_match"],
  ["age_verification", "age"],
  ["suspicious_data", "fraud"],
  ["fraud", "fraud"],
  ["duplicate", "duplicate"],
  ["duplicate_detection", "duplicate"],
]);

/** The documentation's `face_match_result` is the `faceMatchingResult` of the selfie block. */
export const SAME_CHECK: ReadonlyMap<string, string> = new Map([["face_match", "face_matching"]]);

/** Members of a duplicate detection that say whether something was found. */
export const DUPLICATE_FLAGS = ["found", "flag", "detected", "duplicatesFound", "duplicates_found", "result"] as const;

/** SEON's document types in the words of OpenID Identity Assurance. */
export const DOCUMENT_TYPES: ReadonlyMap<string, string> = new Map([
  ["DRIVERS_LICENSE", "driving_permit"],
  ["DRIVER_LICENSE", "driving_permit"],
  ["DRIVING_LICENSE", "driving_permit"],
  ["PASSPORT", "passport"],
  ["ID_CARD", "idcard"],
  ["IDENTITY_CARD", "idcard"],
  ["NATIONAL_ID", "idcard"],
  ["NATIONAL_ID_CARD", "idcard"],
  ["RESIDENCE_PERMIT", "residence_permit"],
]);
