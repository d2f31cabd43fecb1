/** Settings that are addresses: whose server this is, who may call it, what it stands behind and on. */
import { z } from "zod";
import { list, listIn } from "./config-values.ts";
import { isProxyList } from "./http/client-address.ts";
import type { TrustedProxies } from "./http/client-address.ts";

const ISSUER_MEND =
  "must be an http or https URL in its plain form, such as https://id.example.com/auth: " +
  "lower case, no default port, query, fragment, user name or slash at its end, and only letters, digits and -._~ in its path";
export const issuer = z.string(ISSUER_MEND).refine((value) => isPlainUrl(value) && isIssuer(value), ISSUER_MEND);

/** Guards compare it character by character, and routes, cookies and well-known paths are made of its path. */
function isIssuer(value: string): boolean {
  const { href, origin, pathname } = new URL(value);
  const isCanonical = href === value || href === `${value}/`;
  return isCanonical && (value === origin || /^(?:\/[\w.~-]+)+$/.test(pathname));
}

const ORIGINS_MEND = "must be origins such as https://app.example.com, without path";
export const origins = list.refine((values) => values.every((value) => isPlainUrl(value) && isOrigin(value)), ORIGINS_MEND);

function isPlainUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && !/[?#@\s]/.test(value);
}

function isOrigin(value: string): boolean {
  return URL.parse(value)?.origin === value;
}

export const domain = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)*$/, "must be a domain such as example.com");

const PROXIES_MEND =
  "must be how many proxies stand before the server, 0 to 10, or their addresses and networks, such as 10.0.0.0/8";
export const proxies = z
  .preprocess(
    (value) => (typeof value === "string" ? proxiesIn(value.trim()) : value),
    z.union([z.int().min(0).max(10), z.array(z.string()).refine(isProxyList)], PROXIES_MEND).optional(),
  )
  .meta({ kind: "whole number or list" }) satisfies z.ZodType<TrustedProxies | undefined>;

/** Compose files and the like set it to nothing rather than not at all: nothing is said then. */
function proxiesIn(text: string): number | string[] | undefined {
  if (text === "") return undefined;
  return /^\d+$/.test(text) ? Number(text) : listIn(text);
}

export const databaseUrl = z
  .string()
  .regex(/^(?:sqlite:.|postgres(?:ql)?:\/\/.)/, "must be sqlite:<path of the file> or postgres://…");

const REDIS_MEND = "must be redis://… or rediss://…; of a cluster also several, with commas between";
export const redisUrl = z.string().refine(isRedisUrl, REDIS_MEND);

function isRedisUrl(value: string): boolean {
  return value.split(",").every((one) => /^rediss?:\/\/./.test(one) && URL.canParse(one));
}
