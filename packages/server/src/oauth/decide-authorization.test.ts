import { describe, expect, it } from "vitest";
import { checkedRegistration } from "../clients/registration.ts";
import type { AuthorizationRequest, Prompt } from "./authorization-request.ts";
import { decideAuthorization } from "./decide-authorization.ts";
import type { AuthorizationState } from "./decide-authorization.ts";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const MINUTE = 60_000;

function request(prompts: Prompt[] = []): AuthorizationRequest {
  const registration = checkedRegistration({ redirectUris: ["https://app.example/cb"] });
  const client = { id: "app", name: "App", guard: false, secretHash: null, createdAt: 0, registration };
  return {
    replyTo: { client, redirectUri: "https://app.example/cb", responseMode: "query", state: null },
    scopes: ["openid"],
    resources: [],
    codeChallenge: "",
    nonce: null,
    prompts: new Set(prompts),
    maxAgeSeconds: null,
    loginHint: null,
    idTokenHint: null,
  };
}

const known: AuthorizationState = {
  signOn: { userId: "ada", authTime: NOW - 5 * MINUTE },
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

describe("no request goes round for ever", () => {
  it("after a sign-in and an answer there is an end, whatever was asked for", () => {
    const prompts: Prompt[][] = [[], ["login"], ["consent"], ["select_account"], ["login", "consent", "select_account"]];
    for (const asked of prompts) {
      for (const maxAgeSeconds of [null, 0, 1]) {
        for (const hintedUserId of [null, "ada", "grace"]) {
          const state: AuthorizationState = { ...known, hintedUserId, askedAt: NOW - 6 * MINUTE, answer: "allow" };
          const { kind } = decideAuthorization({ ...request(asked), maxAgeSeconds }, state);
          expect(kind).toBe(hintedUserId === "grace" ? "refuse" : "issue");
        }
      }
    }
  });
});
