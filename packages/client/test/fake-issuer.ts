/**
 * An auth server in memory, as simple as it can be: one session a browser, whose refresh token is a number. It answers
 * what the real one answers; how the real one decides is tested in Chromium.
 */
import type { ErrorBody, TokenResponse, User } from "@ostiary/protocol";

export const ISSUER = "https://id.example.com/auth";

export const ADA: User = {
  id: "u1",
  email: "ada@example.com",
  emailVerified: true,
  name: "Ada",
  roles: ["user"],
  createdAt: "2026-01-01T00:00:00.000Z",
};

/** The cookies of one browser. */
export interface Jar {
  session: { csrfToken: string; generation: number } | null;
}

export interface Received {
  readonly call: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly credentials: string | undefined;
  readonly redirect: string | undefined;
}

export interface FakeIssuer {
  readonly received: Received[];
  /** How often it got this call: `POST /refresh`. */
  readonly count: (call: string) => number;
  /** What it does instead of answering, for as long as it is set. */
  instead: ((received: Received) => Promise<Response | undefined> | Response | undefined) | null;
  /** After it has done what was asked: the answer is lost. */
  losesAnswers: boolean;
  /** After it has done what was asked: the answer is under way for as long. */
  transit: Promise<void> | null;
  ended: ErrorBody["reason"] | null;
  user: User;
  readonly lifetimeSeconds: number;
  readonly fetchFor: (jar: Jar) => typeof globalThis.fetch;
}

export function refusal(status: number, error: string, reason?: string, headers: Record<string, string> = {}): Response {
  const body = { error, ...(reason === undefined ? {} : { reason }), error_description: "No." };
  return Response.json(body, { status, headers });
}

export function createFakeIssuer(): FakeIssuer {
  let sessions = 0;
  let accessTokens = 0;
  const bodies = new Map<string, string>();

  function tokens(csrfToken: string, refreshToken?: string): Response {
    const answer: TokenResponse = {
      accessToken: `access-${++accessTokens}`,
      tokenType: "Bearer",
      expiresIn: issuer.lifetimeSeconds,
      csrfToken,
      user: issuer.user,
      ...(refreshToken === undefined ? {} : { refreshToken }),
    };
    return Response.json(answer);
  }

  function handle({ call, headers, body }: Received, jar: Jar): Response {
    const request = (body ?? {}) as { delivery?: string; refreshToken?: string };
    if (call === "POST /login" || call === "POST /signup") {
      issuer.ended = null;
      const csrfToken = `csrf-${++sessions}`;
      if (request.delivery === "body") {
        bodies.set(`${csrfToken}.0`, csrfToken);
        return tokens(csrfToken, `${csrfToken}.0`);
      }
      jar.session = { csrfToken, generation: 0 };
      return tokens(csrfToken);
    }
    if (headers.has("Authorization")) return byBearer(call, jar);
    if (request.refreshToken !== undefined) return byBody(call, request.refreshToken);
    if (jar.session === null) return refusal(401, "missing_token");
    if (call === "GET /csrf") return Response.json({ csrfToken: jar.session.csrfToken });
    if (headers.get("X-CSRF-Token") !== jar.session.csrfToken) return refusal(403, "csrf_failed");
    if (call === "POST /logout" || issuer.ended !== null) jar.session = null;
    if (call === "POST /logout") return new Response(null, { status: 204 });
    if (issuer.ended !== null || jar.session === null) return refusal(401, "invalid_token", issuer.ended ?? "session_revoked");
    jar.session.generation++;
    return tokens(jar.session.csrfToken);
  }

  function byBody(call: string, refreshToken: string): Response {
    const csrfToken = bodies.get(refreshToken);
    if (csrfToken === undefined || issuer.ended !== null) {
      return refusal(401, "invalid_token", issuer.ended ?? "refresh_token_reused");
    }
    if (call === "POST /logout") {
      bodies.clear();
      return new Response(null, { status: 204 });
    }
    const next = `${csrfToken}.${Number(refreshToken.split(".")[1]) + 1}`;
    bodies.set(next, csrfToken);
    return tokens(csrfToken, next);
  }

  function byBearer(call: string, jar: Jar): Response {
    if (issuer.ended !== null) return refusal(401, "invalid_token", "session_revoked");
    if (call === "POST /logout-all") {
      jar.session = null;
      issuer.ended = "session_revoked";
    }
    if (call === "GET /sessions") return Response.json({ sessions: [] });
    if (call === "PATCH /me") return Response.json({ user: { ...issuer.user, name: "Countess" } });
    return new Response(null, { status: 204 });
  }

  const issuer: FakeIssuer = {
    received: [],
    count: (call) => issuer.received.filter((received) => received.call === call).length,
    instead: null,
    losesAnswers: false,
    transit: null,
    ended: null,
    user: ADA,
    lifetimeSeconds: 900,
    fetchFor: (jar) => async (input, init) => {
      const { method, url, headers } = new Request(input, init);
      const received = {
        call: `${method} ${url.slice(ISSUER.length)}`,
        headers,
        body: typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : null,
        credentials: init?.credentials,
        redirect: init?.redirect,
      };
      issuer.received.push(received);
      const aborted = new Promise<never>((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(new DOMException("Aborted.", "AbortError")));
      });
      const other = await Promise.race([issuer.instead?.(received), aborted]);
      if (other !== undefined) return other;
      const answer = handle(received, jar);
      await issuer.transit;
      if (issuer.losesAnswers) throw new TypeError("Failed to fetch");
      return answer;
    },
  };
  return issuer;
}
