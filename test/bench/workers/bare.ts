/** A Hono app that does nothing: what starting costs at the least. */
import { Hono } from "hono";

const app = new Hono();
app.get("/", (context) => context.text("here"));

export default app;
