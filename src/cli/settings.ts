/** Which gateway, and what opens it. A flag wins over the environment, that over `.gatepost.json` (believed of this machine alone), that over what a laptop has. */
import { isObject, parseText } from "../core/json.ts";
import { Misuse } from "./failure.ts";

const DEFAULT_URL = "http://localhost:8787";
/** Committed beside a team's configuration, so nothing secret belongs in it. */
export const SETTINGS_FILE = ".gatepost.json";

type Environment = Readonly<Record<string, string | undefined>>;

/** Origin. @param file text of the settings file, where there is one */
export function readUrl(flag: string | undefined, environment: Environment, file: string | undefined): string {
  const said = flag ?? (environment["GATEPOST_URL"] || undefined) ?? urlOf(file) ?? DEFAULT_URL;
  const url = URL.parse(said);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Misuse("the gateway's URL is not one", "Say it like this: --url https://gatepost.example.com");
  if (url.protocol === "http:" && !isLocal(url.hostname))
    throw new Misuse(
      `${url.host} would be sent the token in the clear`,
      "Say https://, as the gateway takes nothing else.",
    );
  if (url.username || url.password || url.search || url.hash || url.pathname !== "/")
    throw new Misuse("the gateway's URL has more than a host", `Say ${url.protocol}//${url.host}`);
  return url.origin;
}

const isLocal = (host: string): boolean => /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(host);

/**
 * Whether nobody but the settings file names this gateway: whoever wrote that file, be it in a pull request, would be sent the
 * token. Of names for this machine only those that no name server is asked about are believed.
 */
export function isHearsay(url: string, flag: string | undefined, environment: Environment): boolean {
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
  return flag === undefined && !environment["GATEPOST_URL"] && !isHere;
}

function urlOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const settings = parseText(file);
  if (!isObject(settings)) throw new Misuse(`${SETTINGS_FILE} is not a JSON object`);
  const { url, ...more } = settings;
  if (Object.keys(more).length > 0)
    throw new Misuse(`${SETTINGS_FILE} may hold a url and nothing else`, "A token belongs in GATEPOST_TOKEN.");
  return typeof url === "string" ? url : undefined;
}

/** @param file text of the file that `--token-file` names */
export function readToken(file: string | undefined, environment: Environment): string {
  const token = (file ?? environment["GATEPOST_TOKEN"] ?? "").trim();
  if (/^[\u0021-\u007e]+$/.test(token)) return token;
  if (token !== "") throw new Misuse("the token holds characters that no token has");
  throw new Misuse(
    "no token",
    [
      "Three ways to one:",
      "  on a laptop, from .dev.vars:   export GATEPOST_TOKEN=$(sed -n 's/^ADMIN_TOKEN=//p' .dev.vars)",
      "  from a file or a keychain:     gatepost --token-file <file> …   (- is standard input)",
      '  a new one, with a role:        curl -X POST <url>/api/tokens -d \'{"name": "on-call", "role": "operator"}\' …',
    ].join("\n"),
  );
}
