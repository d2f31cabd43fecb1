import type { UserResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { auditTypes, refusal, startSignedIn } from "../../../../test/test-server.ts";

describe("PATCH /me", () => {
  it("200: the user as changed; access tokens stay good", async () => {
    const { server, client, tokens } = await startSignedIn();
    const bearer = tokens.accessToken;
    const answer = await client.call<UserResponse>("PATCH", "/me", { bearer, body: { name: "  Ada \u{1F9EE} " } });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ user: { ...tokens.user, name: "Ada \u{1F9EE}" } });
    expect((await client.me(bearer)).body).toEqual(answer.body);
    expect((await auditTypes(server)).at(-1)).toBe("profile_updated");
  });

  it("200: nothing to change changes nothing, and what is not the user's to set stays", async () => {
    const { server, client, tokens } = await startSignedIn();
    const body = { roles: ["admin"], email: "eve@example.com", emailVerified: true, id: "x" };
    const answer = await client.call("PATCH", "/me", { bearer: tokens.accessToken, body });
    expect(answer.body).toEqual({ user: tokens.user });
    expect(await auditTypes(server)).not.toContain("profile_updated");
  });

  it("400 invalid_field: a name that is none", async () => {
    const { client, tokens } = await startSignedIn();
    for (const name of ["", "   ", "x".repeat(201), "a\u0000b", "\ud800", null, 7, ["x"], {}, true]) {
      const answer = await client.call("PATCH", "/me", { bearer: tokens.accessToken, body: { name } });
      expect(refusal(answer)).toEqual({
        status: 400,
        error: "invalid_request",
        reason: "invalid_field",
        field: "name",
      });
    }
    expect((await client.me(tokens.accessToken)).body.user.name).toBeNull();
  });

  it("401: before the body is looked at", async () => {
    const { client } = await startSignedIn();
    expect(refusal(await client.call("PATCH", "/me", { body: "{" }))).toEqual({ status: 401, error: "missing_token" });
    expect(refusal(await client.call("PATCH", "/me", { body: "{", bearer: "x" }))).toEqual({
      status: 401,
      error: "invalid_token",
      reason: "token_malformed",
    });
  });
});
