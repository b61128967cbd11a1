/** A route as data: what registers it, guards it, describes it, and answers it. */
import type { Schema } from "../core/json-schema.ts";
import type { Caller, Identity, Role } from "../core/roles.ts";
import type { ProblemReason } from "./problem.ts";
import type { Parameter } from "./query.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** What a body is: JSON where no type is named. */
export interface Content {
  type?: string;
  schema?: Schema;
}

/** What a handler is given. */
export interface Call<Deps> {
  request: Request;
  /** Of the path, decoded; empty where the path has none of that name. */
  parameter(name: string): string;
  /** Where everybody may call: nobody, who may see the least. */
  caller: Caller;
  deps: Deps;
  /** Says for the audit what the call was about, where the path does not: ids and names, nothing of a person's. */
  concerns(target: string): void;
}

export interface Route<Deps> {
  method: Method;
  /**
   * `/api/receipts/{id}`. The audit writes parameters named `id`, `name` and `source` down as they are, any other only as a hash: a
   * vendor's session id is `{session}`, the customer's id of a person `{externalId}`.
   */
  path: string;
  allow: "public" | Role;
  /** `operationId`: what generated clients call it, and what the audit says was done. */
  id: string;
  summary: string;
  /** Of the path; any text where it is not named. */
  parameters?: Readonly<Record<string, Schema>>;
  query?: Readonly<Record<string, Parameter<unknown>>>;
  headers?: Readonly<Record<string, Schema>>;
  body?: Content;
  /** By status. */
  answers: Readonly<Record<number, Content>>;
  /** Besides those that every route of its kind may answer with. */
  problems?: readonly ProblemReason[];
  /** What the audit calls it where somebody is shown what is about a person: not shown unless it could be written down. */
  opens?: string;
  /** Says itself which methods it has, once it has said whether there is anything at all. */
  answersAnyMethod?: true;
  /** Who else may call, by what the request brings instead of a token; `undefined` where it brings nothing of the kind. */
  admit?(call: Omit<Call<Deps>, "caller">): Promise<Identity | Response | undefined>;
  handle(call: Call<Deps>): Response | Promise<Response>;
}

/** The name of what the route is about: `events` of `/api/events/{id}`. */
export const resourceOf = (path: string): string => /^\/(?:api\/)?([\w-]+)/.exec(path)?.[1] ?? "";
