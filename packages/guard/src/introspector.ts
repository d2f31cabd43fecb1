/** Asks the auth server whether a token is still good (RFC 7662), for guards whose knowledge of revocations is too old. */
import { createHash } from "node:crypto";
import { EXPLAIN_PARAMETER, REVOCATION_REASONS, type RevocationReason } from "@ostiary/protocol";
import { fetchJson, type Fetch } from "./fetch-json.ts";

export interface IntrospectorOptions {
  readonly issuer: string;
  /** The value of the Authorization header. */
  readonly authorization: string;
  readonly timeoutSeconds: number;
  readonly fetch: Fetch;
  readonly monotonic: () => number;
}

export interface Introspector {
  /**
   * Why the server refuses the token, now or up to a second ago; undefined when it calls it active. Rejects when there is
   * no answer to go by.
   */
  refusalOf(token: string): Promise<RevocationReason | undefined>;
  /** All that the server says of the token, asked anew; null when it does not call it active. Rejects likewise. */
  describe(token: string): Promise<Readonly<Record<string, unknown>> | null>;
  close(): void;
}

interface Answer {
  readonly refusal: Promise<RevocationReason | undefined>;
  readonly until: number;
}

/** How long an answer is used again, and how long a failure speaks for the next callers; in milliseconds. */
const MAX_AGE = 1000;

/** Answers remembered, those under way included; a request beyond them is not sent. */
const MAX_ANSWERS = 10_000;

export function createIntrospector(options: IntrospectorOptions): Introspector {
  const { monotonic } = options;
  const url = `${options.issuer.replace(/\/$/, "")}/oauth/introspect`;
  const closing = new AbortController();
  // By hash: what is asked about is good in whoever's hands it is, and a memory may be dumped.
  const answers = new Map<string, Answer>();
  let failure: { readonly error: unknown; readonly until: number } | undefined;

  async function post(token: string): Promise<Readonly<Record<string, unknown>>> {
    if (failure !== undefined && failure.until > monotonic()) throw failure.error;
    try {
      const { document } = await fetchJson(url, {
        fetch: options.fetch,
        timeoutSeconds: options.timeoutSeconds,
        signal: closing.signal,
        form: {
          body: new URLSearchParams({ token, token_type_hint: "access_token", [EXPLAIN_PARAMETER]: "true" }),
          authorization: options.authorization,
        },
      });
      const answer = Object(document) as Readonly<Record<string, unknown>>;
      if (typeof answer["active"] !== "boolean") throw new Error(`${url} did not say whether the token is active`);
      return answer;
    } catch (error) {
      // A server that is down is not asked once for every request.
      failure = { error, until: monotonic() + MAX_AGE };
      throw error;
    }
  }

  async function ask(token: string): Promise<RevocationReason | undefined> {
    const { active, reason } = await post(token);
    // A server that does not say why, or in words that are not known here, has refused it all the same.
    return active === true ? undefined : (REVOCATION_REASONS.find((each) => each === reason) ?? "token_revoked");
  }

  /** They are asked for in the order in which they grow old. */
  function forgetOld(now: number): void {
    for (const [name, { until }] of answers) {
      if (until > now) return;
      answers.delete(name);
    }
  }

  return {
    async refusalOf(token) {
      const now = monotonic();
      const name = createHash("sha256").update(token).digest("base64url");
      const known = answers.get(name);
      if (known !== undefined && known.until > now) return known.refusal;
      if (failure !== undefined && failure.until > now) throw failure.error;
      forgetOld(now);
      if (answers.size >= MAX_ANSWERS) throw new Error(`${url} is asked too much at once`);
      // Counted from the question on: a slow answer is an old one.
      const refusal = ask(token);
      answers.set(name, { refusal, until: now + MAX_AGE });
      return refusal;
    },
    async describe(token) {
      const answer = await post(token);
      return answer["active"] === true ? answer : null;
    },
    close: () => closing.abort(new Error("The guard is closed")),
  };
}
