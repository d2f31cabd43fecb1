import { OstiaryError } from "../errors.ts";
import type { HttpContext } from "../http/http-context.ts";
import type { HttpDeps } from "../http/http-deps.ts";

/** For ever under its own name; what has taken the place of an older file, only for now. */
export function serveAsset(c: HttpContext, { settings, assets }: HttpDeps): Response {
  const path = c.req.path.slice(settings.issuerPath.length);
  const asset = assets.find(path.slice(path.lastIndexOf("/") + 1));
  if (asset === null) throw new OstiaryError("not_found", "There is no such file.");
  c.header("Cache-Control", asset.path === path ? "public, max-age=31536000, immutable" : "no-cache");
  c.header("ETag", asset.etag);
  c.header("Content-Type", asset.type);
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Cross-Origin-Resource-Policy", "same-origin");
  // A picture may be a document too: as such it can do nothing.
  c.header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'");
  if (c.req.header("if-none-match") === asset.etag) return c.body(null, 304);
  return c.body(asset.bytes);
}
