import type { HonoRequest } from "hono/request";
import type { Settings } from "../config-schema.ts";
import { OstiaryError } from "../errors.ts";
import { createPages } from "../pages/pages.ts";
import { consoleRoutes } from "./console/serve-console.ts";
import { allowOrigins } from "./cors.ts";
import { answerToError } from "./errors.ts";
import { HttpContext } from "./http-context.ts";
import type { RequestInfo } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";
import type { FetchHandler } from "./node-handler.ts";
import { observed } from "./observe-requests.ts";
import { nonceFor } from "./proofs.ts";
import type { Route } from "./route.ts";
import { createRouteTable } from "./route-table.ts";
import type { Handle, Place, Served } from "./route-table.ts";
import { routesOf } from "./routes/routes.ts";
import { securityHeaders } from "./security-headers.ts";

/**
 * All routes in one web-standard handler: CORS, error table, 404 and 405 included. What all have in common is done here in one
 * pass, not by middleware: a route answers in less time than a chain of them takes.
 */
export function createRouter(deps: HttpDeps): { readonly fetch: FetchHandler } {
  const { settings, proofs } = deps;
  const pages = createPages(deps);
  const ours = [...routesOf(settings.issuerPath), ...pages.routes].map((route) => served(route, deps));
  const table = createRouteTable([...ours, ...consoleRoutes(settings)]);
  const corsFor = allowOrigins(settings.allowedOrigins, securityHeaders(settings));

  function answer(request: Request, info: RequestInfo): Response | Promise<Response> {
    const { req, place } = table.find(request);
    const cors = corsFor(place?.pages ?? "allowed", req.header("origin"));
    if (cors.preflight !== null && isPreflight(req)) return new Response(null, { status: 204, headers: cors.preflight });
    const c = new HttpContext(req, info, { ...cors.answer });
    const refuse = (error: unknown) => pages.refusal(c, c.refuse(answerToError(error, settings.onError)));
    try {
      const nonce = nonceFor(req, proofs);
      if (nonce !== null) c.header("DPoP-Nonce", nonce);
      if (info.refusal !== undefined) throw info.refusal;
      const response = handlerFor(c, place, settings)(c);
      return response instanceof Promise ? response.catch(refuse) : response;
    } catch (error) {
      return refuse(error);
    }
  }

  return {
    fetch: (request, info = {}) => (request.method === "HEAD" ? withoutBody(answer(request, info)) : answer(request, info)),
  };
}

function served(route: Omit<Route, "operation">, deps: HttpDeps): Served {
  const method = route.method.toUpperCase();
  const path = (route.at === "server" ? "" : deps.settings.issuerPath) + route.path;
  const pages = route.forPrograms === true ? "none" : (route.cors ?? "allowed");
  const handle = observed(method, path, deps.metrics, (c) => {
    // Tokens and people's data, unless a route knows better.
    c.header("Cache-Control", "no-store");
    return route.handle(c, deps);
  });
  return { method, path, pages, handle };
}

function isPreflight(req: HonoRequest<string>): boolean {
  return req.method === "OPTIONS" && req.header("access-control-request-method") !== undefined;
}

/** HEAD is for what GET is for. */
function handlerFor(c: HttpContext, place: Place | undefined, { issuer }: Settings): Handle {
  if (place === undefined) {
    throw new OstiaryError("not_found", `There is nothing at this path. The API is described at ${issuer}/openapi.json.`);
  }
  const { method } = c.req;
  const handle = place.methods.get(method === "HEAD" ? "GET" : method);
  if (handle !== undefined) return handle;
  const allowed = [...place.methods.keys()];
  c.header("Allow", (allowed.includes("GET") ? [...allowed, "HEAD"] : allowed).join(", "));
  throw new OstiaryError("method_not_allowed", `This path takes ${allowed.join(" and ")}.`);
}

async function withoutBody(answer: Response | Promise<Response>): Promise<Response> {
  return new Response(null, await answer);
}
