import { describe, expect, it } from "vitest";
import { checkedRegistration } from "../clients/registration.ts";
import { MFA_ACR, PASSWORD_ACR } from "../sessions/authentication.ts";
import type { Acr } from "../sessions/authentication.ts";
import type { AuthorizationRequest, Prompt } from "./authorization-request.ts";
import { decideAuthorization } from "./decide-authorization.ts";
import type { AuthorizationState } from "./decide-authorization.ts";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const MINUTE = 60_000;

function request(prompts: Prompt[] = []): AuthorizationRequest {
  const registration = checkedRegistration({ redirectUris: ["https://app.example/cb"] });
  const client = { id: "app", name: "App", guard: false, secretHash: null, createdAt: 0, tokenVersion: 1, registration };
  return {
    replyTo: { client, redirectUri: "https://app.example/cb", responseMode: "query", state: null },
    scopes: ["openid"],
    resources: [],
    codeChallenge: "",
    nonce: null,
    proofKey: null,
    prompts: new Set(prompts),
    maxAgeSeconds: null,
    wishedAcr: null,
    loginHint: null,
    idTokenHint: null,
  };
}

const known: AuthorizationState = {
  signOn: { userId: "ada", since: NOW - 5 * MINUTE, authTime: NOW - 5 * MINUTE, acr: PASSWORD_ACR },
  hintedUserId: null,
  askedAt: null,
  answer: null,
  allowedScopes: ["openid"],
  now: NOW,
};

const decided = (state: Partial<AuthorizationState>, prompts: Prompt[] = []) => {
  const decision = decideAuthorization(request(prompts), { ...known, ...state });
  return decision.kind === "refuse" ? decision.code : decision.kind;
};

describe("the user whom id_token_hint means is the only one who will do", () => {
  it.each<[string, Partial<AuthorizationState>, Prompt[], string]>([
    ["the same is there", { hintedUserId: "ada" }, [], "issue"],
    ["another is there", { hintedUserId: "grace" }, [], "sign_in"],
    ["another is there, and may not be asked", { hintedUserId: "grace" }, ["none"], "login_required"],
    ["another has just signed in", { hintedUserId: "grace", askedAt: NOW - 6 * MINUTE }, [], "login_required"],
    ["nobody is there", { hintedUserId: "ada", signOn: null }, [], "sign_in"],
  ])("%s", (_, state, prompts, expected) => expect(decided(state, prompts)).toBe(expected));
});

it("an API that is asked for by its name alone is asked about each time: what is remembered are scopes", () => {
  const asks = (resources: string[], scopes = ["openid"]) =>
    decideAuthorization({ ...request(), resources, scopes }, { ...known, allowedScopes: ["openid", "orders:read"] }).kind;
  expect(asks(["https://api.example"])).toBe("ask");
  expect(asks(["https://api.example"], ["openid", "orders:read"])).toBe("issue");
  expect(asks([])).toBe("issue");
});

describe("what was denied is denied", () => {
  it.each<Prompt[]>([[], ["login"], ["consent"], ["none"]])("also with prompt=%s", (...prompts) => {
    expect(decided({ answer: "deny" }, prompts)).toBe("access_denied");
  });
});

it("what was allowed counts as long as it stands: once it is taken back, the same address asks again", () => {
  for (const prompts of [[], ["consent"]] satisfies Prompt[][]) {
    expect(decided({ answer: "allow" }, prompts)).toBe("issue");
    expect(decided({ answer: "allow", allowedScopes: [] }, prompts)).toBe("ask");
    expect(decided({ answer: "allow", allowedScopes: ["email"] }, prompts)).toBe("ask");
  }
});

describe("of a sign-in with another issuer", () => {
  const by = (authTime: number | null, since = NOW): Partial<AuthorizationState> => ({
    signOn: { userId: "ada", since, authTime, acr: null },
    askedAt: NOW - MINUTE,
  });

  it("counts as anew what was proven there since it was asked for, and its clock may be a little behind", () => {
    expect(decided(by(NOW), ["login"])).toBe("issue");
    expect(decided(by(NOW - MINUTE - 20_000), ["login"])).toBe("issue");
    expect(decided(by(NOW - 9 * MINUTE), ["login"])).toBe("sign_in");
    expect(decided(by(NOW - MINUTE - 20_000, NOW - MINUTE - 20_000), ["login"])).toBe("sign_in");
  });

  it("is no time made up that it does not tell: with max_age people are asked once, and then the client is told that nobody knows", () => {
    const withMaxAge = (state: Partial<AuthorizationState>) =>
      decideAuthorization({ ...request(), maxAgeSeconds: 600 }, { ...known, ...state });
    expect(withMaxAge({ ...by(null), askedAt: null })).toEqual({ kind: "sign_in" });
    expect(withMaxAge(by(null))).toMatchObject({ kind: "refuse", code: "login_required" });
    expect(decided(by(null), ["login"])).toBe("issue");
  });
});

describe("a wish for an acr", () => {
  const wishing = (state: Partial<AuthorizationState>, acr: Acr | null, wishedAcr: Acr = MFA_ACR, prompts: Prompt[] = []) => {
    const signOn = { userId: "ada", since: NOW - 5 * MINUTE, authTime: NOW - 5 * MINUTE, acr };
    const decision = decideAuthorization({ ...request(prompts), wishedAcr }, { ...known, signOn, ...state });
    return decision.kind === "refuse" ? decision.code : decision.kind;
  };

  it.each<Acr | null>([PASSWORD_ACR, null])("is asked for once of %s, and then it goes on with what there is", (acr) => {
    expect(wishing({}, acr)).toBe("sign_in");
    expect(wishing({ askedAt: NOW - MINUTE }, acr)).toBe("sign_in");
    expect(wishing({ askedAt: NOW - 6 * MINUTE }, acr)).toBe("issue");
    expect(wishing({}, acr, MFA_ACR, ["none"])).toBe("login_required");
  });

  it("for a password is asked for once of whoever another issuer has signed in", () => {
    expect(wishing({}, null, PASSWORD_ACR)).toBe("sign_in");
    expect(wishing({}, null, PASSWORD_ACR, ["none"])).toBe("login_required");
    expect(wishing({ askedAt: NOW - 6 * MINUTE }, null, PASSWORD_ACR)).toBe("issue");
  });

  it("is nothing to ask for where there is that, or more", () => {
    expect(wishing({}, MFA_ACR, MFA_ACR, ["none"])).toBe("issue");
    for (const acr of [PASSWORD_ACR, MFA_ACR] as const) expect(wishing({}, acr, PASSWORD_ACR, ["none"])).toBe("issue");
  });
});

describe("no request goes round for ever", () => {
  it("after a sign-in and an answer there is an end, whatever was asked for", () => {
    const prompts: Prompt[][] = [[], ["login"], ["consent"], ["select_account"], ["login", "consent", "select_account"]];
    for (const asked of prompts) {
      for (const maxAgeSeconds of [null, 0, 1]) {
        for (const hintedUserId of [null, "ada", "grace"]) {
          const state: AuthorizationState = { ...known, hintedUserId, askedAt: NOW - 6 * MINUTE, answer: "allow" };
          const { kind } = decideAuthorization({ ...request(asked), maxAgeSeconds }, state);
          expect(kind).toBe(hintedUserId === "grace" ? "refuse" : "issue");
          const untold = { ...state, signOn: { userId: "ada", since: NOW - 5 * MINUTE, authTime: null, acr: null } };
          const end = decideAuthorization({ ...request(asked), maxAgeSeconds }, untold).kind;
          expect(end).toBe(hintedUserId === "grace" || maxAgeSeconds !== null ? "refuse" : "issue");
        }
      }
    }
  });
});
