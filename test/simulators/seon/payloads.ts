/**
 * SEON's webhooks with invented data, in both spellings: camelCase as they come over the wire, snake_case as the vendor's
 * documentation writes them.
 * Source: SEON's page "Integration and webhooks" and docs.seon.io/api-reference/webhooks.
 */
import type { Invention } from "../invention.ts";

export type SeonStatus = "APPROVED" | "DECLINED" | "REVIEW" | "ABANDONED";

export interface SeonWish {
  status?: SeonStatus;
  sessionId?: string;
  /** Name of the event; one of the two documented ones if not said. */
  event?: string;
}

export const PING = { event: "ping", message: "Webhook URL validation check." };

/** @param now epoch milliseconds */
export function createSeonPayloads(invention: Invention, now: () => number) {
  const minutesAgo = (minutes: number) => new Date(now() - minutes * 60_000).toISOString();
  const midnight = (day: string) => `${day}T00:00:00.000Z`;

  function session({ status = "APPROVED", sessionId = invention.uuid() }: SeonWish) {
    const customer = `cust-${invention.digits(6)}`;
    return { status, sessionId, customer, referenceId: invention.uuid(), person: invention.person() };
  }

  return {
    onTheWire(wish: SeonWish = {}) {
      const { status, sessionId, customer, referenceId, person } = session(wish);
      const result = status === "APPROVED" ? "PASS" : "FAIL";
      return {
        date: new Date(now()).toISOString(),
        event: wish.event ?? "idv:session_finished",
        details: {
          sessionId,
          referenceId,
          templateId: invention.uuid(),
          userId: customer,
          platform: "WEB",
          status,
          name: `${person.givenName} ${person.familyName}`,
          email: person.email,
          phoneNumber: person.phone,
          startedAt: minutesAgo(5),
          finishedAt: minutesAgo(0),
          duplicatesFound: false,
          timeline: {
            session: { startedAt: minutesAgo(5), finishedAt: minutesAgo(0) },
            documentVerification: { startedAt: minutesAgo(4), finishedAt: minutesAgo(3) },
            livenessVerification: { startedAt: minutesAgo(2), finishedAt: minutesAgo(1) },
          },
          documentCheckResult: {
            overallResult: status,
            photoForgeryCheckResult: result,
            dataIntegrityCheckResult: "PASS",
            matchCheckResult: "NOT_PERFORMED",
          },
          dataExtractionResult: {
            fullName: `${person.givenName} ${person.familyName}`,
            birthDate: midnight(person.birthDate),
            gender: person.gender,
            address: person.address,
            country: "US",
            state: "US-FL",
            documentType: "DRIVERS_LICENSE",
            documentNumber: person.documentNumber,
            documentIssueDate: midnight("2021-05-06"),
            documentExpirationDate: midnight("2031-05-06"),
          },
          selfieVerificationResult: {
            overallResult: status,
            faceMatchingResult: result,
            livenessCheckResult: "PASS",
          },
          livenessVerificationResult: {
            overallLivenessVerificationResult: "APPROVED",
            blinkCheckResult: "NOT_PERFORMED",
          },
        },
      };
    },

    asDocumented(wish: SeonWish = {}) {
      const { status, sessionId, customer, referenceId, person } = session(wish);
      const result = status === "APPROVED" ? "PASS" : "FAIL";
      return {
        date: new Date(now()).toISOString(),
        event: wish.event ?? "idv:session_finished",
        details: {
          session_id: sessionId,
          reference_id: referenceId,
          user_id: customer,
          status,
          name: `${person.givenName} ${person.familyName}`,
          email: person.email,
          phone: person.phone,
          document_check_results: { overall_result: status, photo_forgery_check_result: result },
          liveness_result: "PASS",
          face_match_result: result,
          data_extraction: {
            full_name: `${person.givenName} ${person.familyName}`,
            birth_date: person.birthDate,
            document_type: "DRIVERS_LICENSE",
            document_number: person.documentNumber,
            country: "US",
            document_expiration_date: "2031-05-06",
          },
          duplicate_detection: false,
          timeline: {
            session: { started_at: minutesAgo(5), finished_at: minutesAgo(0) },
            document_verification: { started_at: minutesAgo(4), finished_at: minutesAgo(3) },
          },
        },
      };
    },

    /** An analyst has overridden the session's status. */
    statusUpdated(sessionId: string, status: SeonStatus) {
      return {
        date: new Date(now()).toISOString(),
        event: "idv:session_status_updated",
        details: { sessionId, status },
      };
    },
  };
}
