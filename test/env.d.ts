/** What the test configuration adds to the bindings of wrangler.toml. */
declare namespace Cloudflare {
  interface Env {
    ADMIN_TOKEN: string;
    MASTER_KEY: string;
  }
}
