/** Colours of the words that the gateway uses. */
import type { DeliveryState } from "../core/ledger.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Style } from "./paint.ts";
import { styled, type Cell } from "./table.ts";

const OUTCOMES: Readonly<Record<Outcome, Style>> = {
  approved: "green",
  declined: "red",
  review: "yellow",
  pending: "dim",
  abandoned: "yellow",
  expired: "yellow",
  error: "red",
  unknown: "yellow",
};

const STATES: Readonly<Record<DeliveryState, Style>> = {
  pending: "dim",
  retrying: "yellow",
  held: "yellow",
  delivered: "green",
  dead: "red",
  cancelled: "yellow",
  erased: "dim",
};

export const outcomeStyle = (outcome: Outcome): Style => OUTCOMES[outcome] ?? "reset";
export const stateStyle = (state: DeliveryState): Style => STATES[state] ?? "reset";

export const outcomeCell = (outcome: Outcome): Cell => styled(outcomeStyle(outcome), outcome);
export const stateCell = (state: DeliveryState): Cell => styled(stateStyle(state), state);

/** Nothing further happens to it by itself. */
export const isSettled = (state: DeliveryState): boolean => state !== "pending" && state !== "retrying";
