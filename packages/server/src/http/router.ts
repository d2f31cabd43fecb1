import { Hono } from "hono";
import type { Settings } from "../config-schema.ts";
import { OstiaryError } from "../errors.ts";
import { serveConsole } from "./console/serve-console.ts";
import { allowOrigins } from "./cors.ts";
import { offerNonces } from "./proofs.ts";
import { errorResponse } from "./errors.ts";
import type { HttpContext, RequestInfo } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";
import { securityHeaders } from "./security-headers.ts";
import { observed } from "./observe-requests.ts";
import { createPages } from "../pages/pages.ts";
import { routesOf } from "./routes/routes.ts";

/** All routes in one web-standard handler: CORS, error table, 404 and 405 included. */
export function createRouter(deps: HttpDeps): Hono<{ Bindings: RequestInfo }> {
  const { issuerPath, allowedOrigins, onError } = deps.settings;
  const app = new Hono<{ Bindings: RequestInfo }>();
  const pages = createPages(deps);
  const refuse = (error: unknown, c: HttpContext): Response | Promise<Response> =>
    pages.refusal(c, withHeadersOf(c.res, errorResponse(error, onError)));
  app.onError(refuse);
  app.notFound((c) => refuse(notFound(deps.settings), c));

  const routes = [...routesOf(issuerPath), ...pages.routes].map((route) => {
    const base = route.at === "server" ? "" : issuerPath;
    return { ...route, path: base + route.path.replace(/\{(\w+)\}/g, ":$1"), pattern: base + route.path };
  });
  const forPrograms = new Set(routes.filter((route) => route.forPrograms).map(({ path }) => path));
  const forAnyPage = new Set(routes.filter((route) => route.cors === "any").map(({ path }) => path));
  app.use(securityHeaders(deps.settings));
  app.use(allowOrigins(allowedOrigins, (path) => (forPrograms.has(path) ? "none" : forAnyPage.has(path) ? "any" : "allowed")));
  app.use(offerNonces(deps.proofs));
  app.use((c, next) => {
    if (c.env?.refusal !== undefined) throw c.env.refusal;
    return next();
  });

  const methods = new Map<string, string[]>();
  for (const { method, path, pattern, handle } of routes) {
    methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
    app.on(method, path, observed(method.toUpperCase(), pattern, deps.metrics, (c) => {
      // Tokens and people's data, unless a route knows better.
      c.header("Cache-Control", "no-store");
      return handle(c, deps);
    }));
  }
  for (const [path, allowed] of methods) {
    const allow = allowed.includes("GET") ? [...allowed, "HEAD"] : allowed;
    app.all(path, (c) => {
      c.header("Allow", allow.join(", "));
      throw new OstiaryError("method_not_allowed", `This path takes ${allowed.join(" and ")}.`);
    });
  }
  serveConsole(app, deps.settings);
  return app;
}

function notFound({ issuer }: Settings): OstiaryError {
  return new OstiaryError("not_found", `There is nothing at this path. The API is described at ${issuer}/openapi.json.`);
}

/** Keeps what was set before the failure: CORS headers, so that browser apps can read the error; cleared cookies. */
function withHeadersOf(earlier: Response, response: Response): Response {
  for (const [name, value] of earlier.headers) {
    if (name === "content-type" || name === "cache-control") continue;
    if (name === "set-cookie") response.headers.append(name, value);
    else response.headers.set(name, value);
  }
  return response;
}
