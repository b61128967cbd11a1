/**
 * Incode's three kinds of webhook with invented ids.
 * Source: Incode's page "Web hooks" and developer.incode.com/docs/webhooks.
 */
import type { Invention } from "../invention.ts";

/** Which session, and of which customer; invented where not said. */
export interface IncodeWish {
  interviewId?: string;
  externalId?: string;
}

export function createIncodePayloads(invention: Invention) {
  const interviewId = () => invention.hex(24);
  const customer = () => `cust-${invention.digits(6)}`;

  return {
    /** A milestone, or what a reviewer decided: `ONBOARDING_FINISHED`, `MANUAL_REVIEW_APPROVED`, … */
    status: (onboardingStatus: string, wish: IncodeWish = {}) => ({
      interviewId: wish.interviewId ?? interviewId(),
      externalId: wish.externalId ?? customer(),
      onboardingStatus,
      clientId: "acme",
      flowId: "64f0aa00000000000000f10a",
    }),
    /** `SESSION_SUCCEEDED`, `SESSION_PENDING_REVIEW`, … */
    session: (eventType: string, wish: IncodeWish = {}) => ({
      event_type: eventType,
      interviewId: wish.interviewId ?? interviewId(),
      externalCustomerId: wish.externalId ?? customer(),
      onboardingStatus: "ONBOARDING_FINISHED",
    }),
    watchlist: (wish: IncodeWish = {}) => ({
      interviewId: wish.interviewId ?? interviewId(),
      ref: `17${invention.digits(8)}-${invention.hex(6)}`,
      search_id: invention.digits(9),
    }),
  };
}
