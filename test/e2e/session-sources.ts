/** A gateway whose sources read their sessions back, each from a simulated vendor of its own. */
import { createIncode } from "../simulators/incode/incode.ts";
import { startIncodeSessions } from "../simulators/incode/sessions.ts";
import { createRegula } from "../simulators/regula/regula.ts";
import { startRegulaSessions } from "../simulators/regula/sessions.ts";
import { incodeSession, regulaSession, unicoSession } from "../simulators/session-config.ts";
import { startUnicoSessions } from "../simulators/unico/sessions.ts";
import { createUnico } from "../simulators/unico/unico.ts";
import { openGateway, type Gateway } from "./gateway.ts";

const SECRETS = {
  "regula-hook": "regula-shared-secret",
  "incode-header": "incode-header-value",
  "unico-basic": "pass",
};
const secret = (name: keyof typeof SECRETS) => ({ secret: name });

export type SessionGateway = Awaited<ReturnType<typeof openSessionGateway>>;

export async function openSessionGateway(seed: number) {
  const [regula, incode, unico] = await Promise.all([
    startRegulaSessions({ seed }),
    // Seeds of their own: two vendors' sessions must not have one id.
    startIncodeSessions({ seed: seed + 1000 }),
    startUnicoSessions({ seed: seed + 2000 }),
  ]);
  const configs = { regula: regulaSession(regula), incode: incodeSession(incode), unico: unicoSession(unico) };
  const unicoApi = unicoSession(unico, "api");
  const gateway: Gateway = await openGateway(
    (subscriberUrl) => ({
      sources: {
        regula: {
          vendor: "regula",
          verify: [{ scheme: "header", name: "X-Gateway-Secret", values: [secret("regula-hook")] }],
          events: { "*": "deliver" },
          session: configs.regula.session,
        },
        incode: {
          vendor: "incode",
          verify: [{ scheme: "header", name: "X-Incode-Secret", values: [secret("incode-header")] }],
          events: { "*": "deliver" },
          session: configs.incode.session,
        },
        unico: {
          vendor: "unico",
          verify: [{ scheme: "basic", username: "unico", passwords: [secret("unico-basic")] }],
          events: { "*": "deliver" },
          session: configs.unico.session,
        },
        "unico-api": {
          vendor: "unico",
          verify: [{ scheme: "basic", username: "unico", passwords: [secret("unico-basic")] }],
          events: { "*": "deliver" },
          session: unicoApi.session,
        },
        impatient: {
          vendor: "regula",
          verify: [{ scheme: "header", name: "X-Gateway-Secret", values: [secret("regula-hook")] }],
          events: { "*": "deliver" },
          session: { ...configs.regula.session, patienceSeconds: 0 },
        },
      },
      subscribers: { everything: { url: `${subscriberUrl}/everything`, signing: [{ secret: "signing" }] } },
    }),
    {
      ...SECRETS,
      ...configs.regula.secrets,
      ...configs.incode.secrets,
      ...configs.unico.secrets,
      ...unicoApi.secrets,
    },
  );
  const regulaOf = (source: string) =>
    createRegula({
      ...gateway.account(source),
      header: { name: "X-Gateway-Secret", value: SECRETS["regula-hook"] },
    });
  return {
    gateway,
    vendors: { regula, incode, unico },
    senders: {
      regula: regulaOf("regula"),
      impatient: regulaOf("impatient"),
      incode: createIncode({
        ...gateway.account("incode"),
        proof: { type: "header", name: "X-Incode-Secret", value: SECRETS["incode-header"] },
      }),
      unico: createUnico({
        ...gateway.account("unico"),
        proof: { type: "basic", username: "unico", password: SECRETS["unico-basic"] },
      }),
      unicoApi: createUnico({
        ...gateway.account("unico-api"),
        proof: { type: "basic", username: "unico", password: SECRETS["unico-basic"] },
      }),
    },
    async close() {
      await gateway.close();
      await Promise.all([regula.close(), incode.close(), unico.close()]);
    },
  };
}
