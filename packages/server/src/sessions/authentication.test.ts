import { describe, expect, it } from "vitest";
import { MFA_ACR, PASSWORD_ACR, acrOf, amrOf, authenticationClaims } from "./authentication.ts";
import type { SignInMethod } from "./session.ts";

describe("what tokens say of how somebody signed in", () => {
  it.each<[SignInMethod[], string[], string | null]>([
    [["pwd"], ["pwd"], PASSWORD_ACR],
    [["pwd", "otp"], ["pwd", "otp", "mfa"], MFA_ACR],
    [["pwd", "recovery"], ["pwd", "otp", "mfa"], MFA_ACR],
    [["pwd", "passkey"], ["pwd", "pop", "user", "mfa"], MFA_ACR],
    [["passkey"], ["pop", "user", "mfa"], MFA_ACR],
    [["fed", "otp"], ["otp", "mfa"], MFA_ACR],
    [["fed", "passkey"], ["pop", "user", "mfa"], MFA_ACR],
    [["fed"], [], null],
    [[], [], null],
  ])("%j: amr %j, acr %s", (methods, amr, acr) => {
    expect([amrOf(methods), acrOf(methods)]).toEqual([amr, acr]);
  });

  it("the same factor twice is one", () => {
    expect(amrOf(["pwd", "pwd"])).not.toContain("mfa");
    expect(acrOf(["pwd", "pwd"])).toBe(PASSWORD_ACR);
  });

  it("says nothing where there is nothing to say", () => {
    expect(authenticationClaims({ methods: ["fed"], authTime: 0 })).toEqual({});
    expect(authenticationClaims({ methods: [], authTime: 0 })).toEqual({});
    expect(authenticationClaims({ methods: ["fed"], authTime: 1_700_000_000_999 })).toEqual({ auth_time: 1_700_000_000 });
  });
});
