/**
 * The built pages of the console, the token inspector and the API reference.
 * Owns how their files are served: where they are, how long they are kept, and what a browser lets them do. What is in
 * them is made in packages/console.
 */
import { readFile } from "node:fs/promises";
import type { Settings } from "../../config-schema.ts";
import { OstiaryError } from "../../errors.ts";
import { html } from "../../pages/html.ts";
import type { HttpContext } from "../http-context.ts";
import type { Handle, Served } from "../route-table.ts";

/** Beside `src`, and beside `dist` in what is published. */
const ASSETS = new URL("../../../assets/console/", import.meta.url);

const TYPES: Readonly<Record<string, string>> & { readonly html: string } = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** Their names have a hash of what is in them. */
const ASSET_NAME = /^[\w.-]{1,100}\.(?:css|js|svg)$/;
const FOREVER = "public, max-age=31536000, immutable";

/** Of an address, where it is what it seems: a name or a number, and a port. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/** What every page may do: run and look like its own files, and nothing of anybody else's. */
const OWN_FILES = "script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'";

export function consoleRoutes({ issuer, issuerPath }: Settings): Served[] {
  const base = `${issuerPath}/console/`;
  const pagePolicy = (connect: string): string =>
    `default-src 'none'; ${OWN_FILES}; connect-src ${connect}; base-uri 'self'; require-trusted-types-for 'script'; ` +
    "trusted-types 'none'";
  const ofIssuer = pagePolicy("'self'");
  const head = `<head>${html`<base href="${base}"><meta name="issuer" content="${issuer}">`}`;

  /** The inspector's page can reach one thing in the world: this server's keys, where it was opened. */
  function ofInspector(c: HttpContext): string {
    const { host } = new URL(c.req.url);
    const keys = `${issuer}/.well-known/jwks.json`;
    if (host === new URL(issuer).host || !HOST.test(host)) return pagePolicy(keys);
    return pagePolicy(`${keys} ${host}${issuerPath}/.well-known/jwks.json`);
  }

  async function page(c: HttpContext, name: string, policy: string): Promise<Response> {
    const content = await readAsset(`${name}.html`);
    c.header("Content-Type", TYPES.html);
    c.header("Content-Security-Policy", policy);
    c.header("Cross-Origin-Opener-Policy", "same-origin");
    c.header("Cache-Control", "no-cache");
    return c.body(content.toString().replace("<head>", () => head));
  }

  async function asset(c: HttpContext): Promise<Response> {
    const name = c.req.param("name") ?? "";
    if (!ASSET_NAME.test(name)) throw noSuchFile();
    const content = await readAsset(`assets/${name}`);
    c.header("Content-Type", TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream");
    c.header("Cache-Control", FOREVER);
    return c.body(new Uint8Array(content));
  }

  async function offlineInspector(c: HttpContext): Promise<Response> {
    const content = await readAsset("inspector.html");
    c.header("Content-Type", TYPES.html);
    c.header("Content-Disposition", 'attachment; filename="ostiary-inspector.html"');
    return c.body(new Uint8Array(content));
  }

  const get = (path: string, handle: Handle): Served => ({ method: "GET", path: issuerPath + path, pages: "allowed", handle });
  return [
    get("/console/assets/{name}", asset),
    get("/console", (c) => page(c, "index", ofIssuer)),
    // Every address below is a view of the same page.
    get("/console/*", (c) => page(c, "index", ofIssuer)),
    get("/inspect", (c) => page(c, "inspect", ofInspector(c))),
    get("/inspect/offline", offlineInspector),
    get("/docs", (c) => page(c, "docs", ofIssuer)),
  ];
}

const files = new Map<string, Buffer>();

/** Read when it is first asked for, and kept: what is served never changes while the process runs. */
async function readAsset(name: string): Promise<Buffer> {
  const known = files.get(name);
  if (known !== undefined) return known;
  try {
    const content = await readFile(new URL(name, ASSETS));
    files.set(name, content);
    return content;
  } catch {
    throw noSuchFile();
  }
}

function noSuchFile(): OstiaryError {
  return new OstiaryError("not_found", "There is no such file. In the repository the pages are built by `npm run prepare`.");
}
