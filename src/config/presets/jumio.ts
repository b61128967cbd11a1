/**
 * Jumio KYX: documentation.jumio.ai, "Callback". Nothing is signed: a sender's address, of the three data centers in turn, says
 * where a callback comes from and not that it is true, so the session is worth reading back.
 */
import type { Preset } from "./preset.ts";

export const jumio: Preset = {
  verify: [
    {
      scheme: "ip",
      ranges: [
        "34.202.241.227",
        "34.226.103.119",
        "34.226.254.127",
        "52.8.136.236",
        "54.177.61.57",
        "54.183.15.212",
        "34.253.41.236",
        "35.157.27.193",
        "52.48.0.25",
        "52.57.194.92",
        "52.58.113.86",
        "52.209.180.134",
        "3.0.109.121",
        "52.76.184.73",
        "52.77.102.92",
        "13.238.100.17",
        "13.238.203.238",
        "52.64.132.26",
      ],
    },
  ],
  webhook: {
    event: "/workflowExecution/status",
    session: "/workflowExecution/id",
    time: "/callbackSentAt",
  },
  map: {
    type: { at: "/workflowExecution/status", values: { PROCESSED: "idv.session.finished" } },
    outcome: {
      at: "/workflowExecution/status",
      values: { SESSION_EXPIRED: "expired", TOKEN_EXPIRED: "expired" },
    },
    "session.externalId": "/userReference",
    "session.flow": "/workflowExecution/definitionKey",
  },
};
