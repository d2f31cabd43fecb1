import { ERROR_REASONS } from "@ostiary/protocol";
import { expect, test } from "vitest";
import * as challenge from "./challenge.ts";

test.each([
  [challenge.missingToken(), 401, "missing_token", /^Bearer$/],
  [challenge.repeatedToken(), 400, "invalid_request", /^Bearer error="invalid_request", error_description="[^"]+"$/],
  [challenge.insufficientScope(["a:b", "c"]), 403, "insufficient_scope", /^Bearer error="insufficient_scope", .*, scope="a:b c"$/],
  [challenge.insufficientRole(), 403, "insufficient_role", undefined],
  [challenge.unavailable(0.2), 503, "unavailable", undefined],
] as const)("%s", async (refusal, status, error, header) => {
  const response = challenge.errorResponse(refusal);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ error, error_description: refusal.message });
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  expect(response.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
  if (header === undefined) expect(response.headers.get("www-authenticate")).toBeNull();
  else expect(response.headers.get("www-authenticate")).toMatch(header);
});

test.each(ERROR_REASONS.invalid_token)("the challenge of %s is a well-formed header with error and reason apart", async (reason) => {
  const response = challenge.errorResponse(challenge.invalidToken(reason, new Error("not for callers")));
  expect(response.status).toBe(401);
  const scheme = reason === "proof_required" ? "DPoP" : "Bearer";
  const form = new RegExp(`^${scheme} error="invalid_token", error_description="[^"\\\\]+"${scheme === "DPoP" ? ', algs="[\\w ]+"' : ""}$`);
  expect(response.headers.get("www-authenticate")).toMatch(form);
  const body = await response.text();
  expect(JSON.parse(body)).toMatchObject({ error: "invalid_token", reason });
  expect(body).not.toContain("not for callers");
});
