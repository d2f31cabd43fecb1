import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ADA, createFakeIssuer, ISSUER } from "../../test/fake-issuer.ts";
import type { FakeIssuer } from "../../test/fake-issuer.ts";
import { createAuthClient } from "../client.ts";
import type { AuthClient } from "../client.ts";
import { addPasskey, signInWithPasskey, supportsPasskeys } from "./passkeys.ts";

/** What the browser was asked for, and what answers it. */
interface Asked {
  readonly publicKey: { readonly challenge: string };
  readonly mediation?: string;
  readonly signal?: AbortSignal;
  give(): void;
  fail(error: unknown): void;
}

let issuer: FakeIssuer;
let auth: AuthClient;
let asked: Asked[];

/** Ends as browsers do: by the reason of the signal. */
function credentialOf(options: Omit<Asked, "give" | "fail">): Promise<object> {
  return new Promise((resolve, reject) => {
    const { publicKey, signal } = options;
    asked.push({ ...options, give: () => resolve({ toJSON: () => ({ signed: publicKey.challenge }) }), fail: reject });
    const end = (): void => reject(signal?.reason as Error);
    if (signal?.aborted === true) end();
    signal?.addEventListener("abort", end);
  });
}

/** The `count`th time that the browser is asked for something. */
async function askedFor(count = 1): Promise<Asked> {
  // By the real clock, which goes on.
  await vi.waitUntil(() => asked.length >= count, { timeout: 30_000, interval: 1 });
  return asked[count - 1]!;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  asked = [];
  issuer = createFakeIssuer();
  let questions = 0;
  issuer.instead = ({ call }) => {
    if (call.endsWith("/options") || call === "POST /login/second-factor/passkey") {
      return Response.json({
        options: { challenge: `challenge-${++questions}` },
        passkeyToken: `token-${questions}`,
        expiresIn: 600,
      });
    }
    if (call === "POST /second-factors/passkeys") return Response.json({ passkey: { id: "p1" }, recoveryCodes: null });
    if (!call.startsWith("POST /login/")) return undefined;
    return Response.json({ accessToken: "access", tokenType: "Bearer", expiresIn: 900, csrfToken: "csrf", user: ADA });
  };
  auth = createAuthClient({ issuer: ISSUER, fetch: issuer.fetchFor({ session: null }) });
  const parse = (options: object): object => options;
  vi.stubGlobal("PublicKeyCredential", { parseRequestOptionsFromJSON: parse, parseCreationOptionsFromJSON: parse });
  vi.stubGlobal("navigator", { credentials: { get: credentialOf, create: credentialOf } });
});

afterEach(() => {
  auth.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const bodiesOf = (call: string): unknown[] => issuer.received.filter((one) => one.call === call).map(({ body }) => body);

describe("a sign-in by a passkey", () => {
  it("is asked for at once, and sent with the token of its question", async () => {
    const signingIn = signInWithPasskey(auth, { remember: true });
    const question = await askedFor();
    expect(question.mediation).toBeUndefined();
    question.give();
    expect(await signingIn).toEqual(ADA);
    expect(bodiesOf("POST /login/passkey")).toEqual([
      { passkeyToken: "token-1", passkey: { signed: "challenge-1" }, remember: true, delivery: "cookie" },
    ]);
  });

  it("as the second step goes with the token of the first", async () => {
    const signingIn = signInWithPasskey(auth, { mfaToken: "mfa" });
    (await askedFor()).give();
    expect(await signingIn).toEqual(ADA);
    expect(bodiesOf("POST /login/second-factor")).toEqual([{ mfaToken: "mfa", passkey: { signed: "challenge-1" } }]);
  });
});

describe("a passkey that is offered where forms are filled in", () => {
  it("is asked for anew before the server forgets its question, for as long as the page is open", async () => {
    const signingIn = signInWithPasskey(auth, { autofill: true, signal: new AbortController().signal });
    expect((await askedFor()).mediation).toBe("conditional");
    for (const count of [2, 3, 4]) {
      vi.advanceTimersByTime(530_000);
      expect(asked.length).toBe(count - 1);
      vi.advanceTimersByTime(30_000);
      await askedFor(count);
    }
    expect(asked.map(({ signal }) => signal?.aborted)).toEqual([true, true, true, false]);
    (await askedFor(4)).give();
    expect(await signingIn).toEqual(ADA);
    expect(bodiesOf("POST /login/passkey")).toEqual([
      { passkeyToken: "token-4", passkey: { signed: "challenge-4" }, delivery: "cookie" },
    ]);
    expect(issuer.count("POST /login/passkey/options")).toBe(4);
  });

  it.each<[string, unknown]>([
    ["as it is", undefined],
    ["with a reason", new Error("The form is gone.")],
  ])("ends when the page says so, %s, and is not asked for again", async (_, reason) => {
    const ending = new AbortController();
    const signingIn = signInWithPasskey(auth, { autofill: true, signal: ending.signal });
    await askedFor();
    ending.abort(reason);
    await expect(signingIn).rejects.toMatchObject({ code: "passkey_cancelled" });
    expect(vi.getTimerCount()).toBe(0);
    expect(asked.length).toBe(1);
  });

  it("ends with what the browser refuses", async () => {
    const signingIn = signInWithPasskey(auth, { autofill: true });
    (await askedFor()).fail(new DOMException("Another host.", "SecurityError"));
    await expect(signingIn).rejects.toMatchObject({ code: "passkey_failed", cause: { name: "SecurityError" } });
    expect(asked.length).toBe(1);
  });
});

describe("what the browser says of it", () => {
  it.each([
    ["NotAllowedError", "passkey_cancelled"],
    ["AbortError", "passkey_cancelled"],
    ["InvalidStateError", "passkey_exists"],
    ["SecurityError", "passkey_failed"],
    ["NotSupportedError", "passkey_failed"],
    ["UnknownError", "passkey_failed"],
  ])("%s is %s, with its error as the cause", async (name, code) => {
    const adding = addPasskey(auth);
    const cause = new DOMException("No.", name);
    (await askedFor()).fail(cause);
    await expect(adding).rejects.toMatchObject({ name: "AuthError", code, cause });
    expect(issuer.count("POST /second-factors/passkeys")).toBe(0);
  });

  it("is nothing where there are no passkeys: nobody is asked", async () => {
    vi.stubGlobal("PublicKeyCredential", undefined);
    expect(supportsPasskeys()).toBe(false);
    await expect(signInWithPasskey(auth)).rejects.toMatchObject({ code: "passkeys_unsupported" });
    await expect(addPasskey(auth)).rejects.toMatchObject({ code: "passkeys_unsupported" });
    expect(issuer.received).toEqual([]);
  });
});

it("a passkey is added under its name", async () => {
  const adding = addPasskey(auth, { name: "Ada's phone" });
  (await askedFor()).give();
  expect(await adding).toEqual({ passkey: { id: "p1" }, recoveryCodes: null });
  expect(bodiesOf("POST /second-factors/passkeys")).toEqual([
    { passkeyToken: "token-1", passkey: { signed: "challenge-1" }, name: "Ada's phone" },
  ]);
});
