/**
 * When each step of a SEON session began and ended.
 * Source: SEON's page "Integration and webhooks" and docs.seon.io/api-reference/webhooks.
 */
import { toInstant } from "../../core/dates.ts";
import type { TimelineStep } from "../../core/event.ts";
import { createReader, type Reader } from "../reader.ts";
import { snakeCase } from "./checks.ts";
import { FIELDS } from "./names.ts";
import { firstOf } from "./payload.ts";

/** The step that is the session itself. */
const SESSION = "session";

export interface Period {
  startedAt?: string | undefined;
  finishedAt?: string | undefined;
}

/** The steps in the vendor's order; what has no readable time is no step. */
export function readTimeline(places: readonly Reader[]): TimelineStep[] {
  const timeline = firstOf(places, (place) => place.object(...FIELDS.timeline));
  return timeline?.keys().flatMap((key) => readStep(timeline, key)) ?? [];
}

function readStep(timeline: Reader, key: string): TimelineStep[] {
  const { startedAt, finishedAt } = readPeriod([timeline.object(key) ?? createReader({})]);
  if (startedAt === undefined && finishedAt === undefined) return [];
  return [{ step: stepName(key), ...(startedAt && { startedAt }), ...(finishedAt && { finishedAt }) }];
}

/** When the session began and ended: as it says of itself, else by its step of the timeline. */
export function readSessionPeriod(places: readonly Reader[], timeline: readonly TimelineStep[]): Period {
  const own = readPeriod(places);
  const step = timeline.find((each) => each.step === SESSION);
  return { startedAt: own.startedAt ?? step?.startedAt, finishedAt: own.finishedAt ?? step?.finishedAt };
}

function readPeriod(places: readonly Reader[]): Period {
  return {
    startedAt: firstOf(places, (place) => place.converted(FIELDS.startedAt, toInstant)),
    finishedAt: firstOf(places, (place) => place.converted(FIELDS.finishedAt, toInstant)),
  };
}

/** `documentVerification` is the step `document`. */
function stepName(key: string): string {
  return snakeCase(key).replace(/_verification$/, "");
}
