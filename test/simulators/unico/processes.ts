/**
 * What Unico tells of a process, in the words of its two APIs.
 * Source: developer.unico.io, pages "GetProcess" (Web & SDK) and "Get processes by id" (API).
 */
import type { Invention, InventedPerson } from "../invention.ts";

/** Members of `process`; `undefined` takes an invented one away. */
export type ProcessChanges = Readonly<Record<string, unknown>>;

export interface InventedProcess {
  process: Record<string, unknown>;
  /** The vendor puts it into the answer; it must go nowhere else. */
  token: string;
}

const MINUTE = 60_000;

/** @param now epoch milliseconds */
export function inventProcess(id: string, person: InventedPerson, invention: Invention, now: number): InventedProcess {
  const token = `eyJhbGciOiJSUzI1NiJ9.${invention.hex(60)}.${invention.hex(60)}`;
  const at = (minutes: number) => new Date(now + minutes * MINUTE).toISOString();
  const process = {
    id,
    flow: "id",
    state: "PROCESS_STATE_FINISHED",
    result: "PROCESS_RESULT_OK",
    createdAt: at(-5),
    finishedAt: at(0),
    expiresAt: at(60),
    purpose: "creditprocess",
    useCase: "onboarding",
    clientReference: `cust-${invention.digits(6)}`,
    capacities: ["PROCESS_CAPACITY_LIVENESS"],
    token,
    person: {
      duiType: "DUI_TYPE_BR_CPF",
      duiValue: invention.digits(11),
      friendlyName: `${person.givenName} ${person.familyName}`.toUpperCase(),
    },
    authenticationInfo: {
      authenticationId: invention.uuid(),
      livenessResult: "LIVENESS_RESULT_LIVE",
      authenticationResult: "AUTHENTICATION_RESULT_POSITIVE",
      identityFraudstersResult: "TRUST_RESULT_INCONCLUSIVE",
      scoreEngineResult: { scoreEnabled: "SCORE_ENABLED_TRUE", score: 85.5 },
      serproResult: { score: 92 },
    },
  };
  return { process, token };
}

/** A driving licence; its keys are in Portuguese, some in camel case and some in snake case. */
export function inventDocument(id: string, person: InventedPerson, invention: Invention) {
  return {
    doc: {
      code: "CNH",
      version: 2,
      data: {
        nomeCivil: `${person.givenName} ${person.familyName}`,
        cpfNumero: invention.digits(11),
        numeroRegistro: invention.digits(11),
        dataNascimento: person.birthDate.split("-").toReversed().join("/"),
        data_expiracao: "06/05/2031",
      },
    },
    typified: true,
    cpf_match: true,
    doc_id: id,
    validate_doc: true,
    reused_doc: false,
  };
}

/** What the API contract says of the same process. */
export interface ClientResult {
  /** 1 processing, 2 divergence, 3 done, 4 cancelled, 5 error. */
  status: number;
  [member: string]: unknown;
}

export const CLIENT_DONE: ClientResult = {
  status: 3,
  unicoId: { result: "yes" },
  identityFraudsters: { result: "inconclusive" },
  government: { serpro: 87 },
  liveness: 1,
};
