/** Headers of a delivery that its subscriber's configuration may not set, and those that never leave with a vendor's bytes. */

/** The gateway's own, the connection's and the platform's. */
const RESERVED =
  /^(accept-encoding|connection|content-(encoding|length|type)|expect|host|keep-alive|te|trailer|transfer-encoding|trace(parent|state)|upgrade|user-agent|(webhook|ce|cf|x-forwarded|x-real|sec|proxy)-.*)$/i;

export const isReserved = (name: string): boolean => RESERVED.test(name);

/** What commonly opens a door: it belongs in `auth`, as a secret, and what a vendor opened ours with is nobody else's. */
const CREDENTIALS = /^(authorization|(set-)?cookie2?|x-api-key|x-auth-token)$/i;

export const isCredential = (name: string): boolean => CREDENTIALS.test(name);
