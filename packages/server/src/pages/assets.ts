import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import type { Settings } from "../config-schema.ts";
import { StartError } from "../errors.ts";

/** A file the pages load. Its name changes with what is in it, so it may be kept for ever. */
export interface Asset {
  /** Below the issuer. */
  readonly path: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

export interface Assets {
  readonly style: Asset;
  readonly script: Asset;
  /** For pages on which passkeys are used or made. */
  readonly passkeys: Asset;
  /** The operator's own logo. */
  readonly logo: Asset | null;
  /** What stands on the browser's tab. */
  readonly icon: Asset;
  /** By the name in its path; with another hash in it, what has taken its place. */
  find(name: string): Asset | null;
}

export const ASSETS_PATH = "/pages";

/** Beside `src/` and `dist/`. Each is named in full, so that tools which copy what a program needs find it. */
const FILES = {
  css: new URL("../../assets/pages.css", import.meta.url),
  js: new URL("../../assets/pages.js", import.meta.url),
  passkeys: new URL("../../assets/passkeys.js", import.meta.url),
  icon: new URL("../../assets/icon.svg", import.meta.url),
};

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webp": "image/webp",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
};

/** Reads them once. Throws a StartError for a file of the operator's that cannot be read. */
export function createAssets({ pages }: Pick<Settings, "pages">): Assets {
  const own = pages.stylesheet === undefined ? [] : [configured("stylesheet", pages.stylesheet)];
  const style = asset("style", ".css", Buffer.concat([readFileSync(FILES.css), ...own]));
  const script = asset("script", ".js", readFileSync(FILES.js));
  const passkeys = asset("passkeys", ".js", readFileSync(FILES.passkeys));
  const logo = pages.logo === undefined ? null : asset("logo", extname(pages.logo).toLowerCase(), configured("logo", pages.logo));
  const icon = logo ?? asset("icon", ".svg", readFileSync(FILES.icon));
  const known = new Map([style, script, passkeys, icon].map((one) => [unhashed(one.path.slice(ASSETS_PATH.length + 1)), one]));
  return { style, script, passkeys, logo, icon, find: (name) => known.get(unhashed(name)) ?? null };
}

function asset(name: string, extension: string, bytes: Buffer): Asset {
  const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 12);
  return {
    path: `${ASSETS_PATH}/${name}.${hash}${extension}`,
    type: TYPES[extension] ?? "application/octet-stream",
    bytes: new Uint8Array(bytes),
    etag: `"${hash}"`,
  };
}

function unhashed(name: string): string {
  return name.replace(/\.[\w-]{12}(?=\.\w+$)/, "");
}

function configured(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new StartError(`pages.${setting}: the file ${path} cannot be read. Name another, or take the setting out.`, { cause });
  }
}
