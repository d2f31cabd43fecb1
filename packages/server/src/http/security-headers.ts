import type { AnswerHeaders } from "./http-context.ts";

/** A year. Of this host alone: what else stands beneath it is not ours to decide. */
const HSTS = "max-age=31536000";

/** What is no page needs nothing and is framed by nobody. Pages put their own in its place. */
const CSP = "default-src 'none'; frame-ancestors 'none'";

/** On every answer, errors too: browsers take it for what it says it is, and tell nobody where they were. */
export function securityHeaders({ secure }: { secure: boolean }): Readonly<AnswerHeaders> {
  return {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": CSP,
    "cross-origin-resource-policy": "same-origin",
    ...(secure ? { "strict-transport-security": HSTS } : {}),
  };
}
