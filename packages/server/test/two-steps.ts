/** People with second factors, for tests. */
import type { TokenResponse } from "@ostiary/protocol";
import { Secret, TOTP } from "otpauth";
import type { OstiaryConfig } from "../src/ostiary-config.ts";
import { Authenticator } from "./authenticator.ts";
import { PASSWORD, startSignedIn, TestClient } from "./test-server.ts";
import type { Answer, CallOptions, TestServer } from "./test-server.ts";

export interface MfaRequired {
  readonly error: string;
  readonly mfaToken: string;
  readonly methods: readonly string[];
  readonly expiresIn: number;
}

/** The code that an app with this secret shows at the server's time. */
export function codeAt(server: TestServer, secret: string, stepsLater = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: server.time.now + stepsLater * 30_000 });
}

/** Ada, signed in, with an authenticator app; the code that confirmed it is of the step before. */
export async function startWithTotp(config: OstiaryConfig = {}) {
  const started = await startSignedIn(config);
  const { server, client, tokens } = started;
  return { ...started, ...(await enrol(server, client, tokens.accessToken)) };
}

export async function enrol(server: TestServer, client: TestClient, bearer: string) {
  const { body: begun } = await client.call<{ secret: string; enrolmentToken: string }>("POST", "/second-factors/totp", {
    bearer,
  });
  const code = codeAt(server, begun.secret, -1);
  const confirmed = await client.call<{ recoveryCodes: string[] | null }>("POST", "/second-factors/totp/confirm", {
    bearer,
    body: { enrolmentToken: begun.enrolmentToken, code },
  });
  return { secret: begun.secret, recoveryCodes: confirmed.body.recoveryCodes ?? [] };
}

export async function addPasskey(client: TestClient, bearer: string, where: Parameters<Authenticator["create"]>[1] = {}) {
  const authenticator = new Authenticator();
  const { body } = await client.call<{ options: object; passkeyToken: string }>("POST", "/second-factors/passkeys/options", {
    bearer,
  });
  const passkey = authenticator.create(body.options, where);
  const added = await client.call<{ passkey: { id: string }; recoveryCodes: string[] | null }>(
    "POST",
    "/second-factors/passkeys",
    {
      bearer,
      body: { passkeyToken: body.passkeyToken, passkey, name: "Laptop" },
    },
  );
  return { authenticator, added };
}

/** The first step. */
export function firstStep(
  client: TestClient,
  email = "ada@example.com",
  more: Record<string, unknown> = {},
  options: CallOptions = {},
): Promise<Answer<MfaRequired>> {
  return client.call<MfaRequired>("POST", "/login", { ...options, body: { email, password: PASSWORD, ...more } });
}

/** The token of a first step that was good. */
export async function pendingOf(client: TestClient, email = "ada@example.com"): Promise<string> {
  return (await firstStep(client, email)).body.mfaToken;
}

export function secondStep<Body = TokenResponse & { error?: string }>(
  client: TestClient,
  body: Record<string, unknown>,
  options: CallOptions = {},
): Promise<Answer<Body>> {
  return client.call<Body>("POST", "/login/second-factor", { ...options, body });
}
