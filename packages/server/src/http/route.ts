import type { ZodOpenApiOperationObject } from "zod-openapi";
import type { HttpContext } from "./http-context.ts";
import type { HttpDeps } from "./http-deps.ts";

/** Where an endpoint is, and who may ask it from a browser. */
export interface Place {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** Below the issuer; `{name}` stands for one segment. */
  readonly path: string;
  /** `server`: at the root of the server, outside the issuer. Default `issuer`. */
  readonly at?: "issuer" | "server";
  /** For programs with credentials of their own: no page of another origin has any business here. Default false. */
  readonly forPrograms?: boolean;
  /** `any`: pages of every origin may call it and read the answer, without cookies. Default: the allowed origins, with them. */
  readonly cors?: "any";
}

/** One endpoint: its place, its description for the OpenAPI document, and what it does. */
export interface Route extends Place {
  readonly operation: ZodOpenApiOperationObject;
  readonly handle: (c: HttpContext, deps: HttpDeps) => Response | Promise<Response>;
}
