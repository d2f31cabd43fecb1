import { expect, test } from "vitest";
import { extractToken, MAX_TOKEN_LENGTH } from "./extract-token.ts";
import { GuardError } from "./guard-error.ts";

function request(authorization: string | string[] | undefined, url = "https://api.example/orders") {
  const headers = new Headers();
  for (const value of authorization === undefined ? [] : [authorization].flat()) headers.append("Authorization", value);
  return new Request(url, { headers });
}

function refusal(...args: Parameters<typeof request>): GuardError {
  try {
    extractToken(request(...args));
  } catch (error) {
    if (error instanceof GuardError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

test.each(["Bearer", "bearer", "BEARER", "bEaReR"])("the scheme name %s is understood in any case", (scheme) => {
  expect(extractToken(request(`${scheme} aaa.bbb.ccc`))).toBe("aaa.bbb.ccc");
});

test("a request without bearer credentials is asked for a token, and told of no error", () => {
  for (const authorization of [undefined, "Basic YTpi", "Bearerx aaa", "DPoPx aaa.bbb.ccc", "Digest realm=\"x\", a=b"]) {
    const error = refusal(authorization);
    expect(error).toMatchObject({ status: 401, error: "missing_token", reason: undefined });
    expect(error.headers["WWW-Authenticate"]).toBe("Bearer");
  }
});

test.each(["DPoP", "dpop", "DPOP"])("a token that needs a proof is told from one that does not: %s", (scheme) => {
  expect(extractToken(request(`${scheme} aaa.bbb.ccc`))).toEqual({ boundToken: "aaa.bbb.ccc" });
});

test.each(["Bearer", "Bearer ", "Bearer\taaa.bbb.ccc", "DPoP", "DPoP ", "DPoP\taaa.bbb.ccc"])("credentials without their one space are refused: %j", (header) => {
  expect(refusal(header)).toMatchObject({ status: 401, error: "invalid_token", reason: "token_malformed" });
});

test("a token in the query string is ignored", () => {
  expect(refusal(undefined, "https://api.example/orders?access_token=aaa.bbb.ccc")).toMatchObject({
    status: 401,
    error: "missing_token",
  });
});

test("a token in two places at once is refused", () => {
  const url = "https://api.example/orders?page=2&access_token=aaa.bbb.ccc";
  expect(refusal("Bearer aaa.bbb.ccc", url)).toMatchObject({ status: 400, error: "invalid_request" });
  for (const innocent of ["https://api.example/access_token=1", "https://api.example/?my_access_token=1", "/?x#access_token=1"]) {
    const headers = new Headers({ authorization: "Bearer aaa" });
    expect(extractToken({ method: "GET", url: innocent, headers })).toBe("aaa");
  }
});

test.each([
  [["Bearer aaa", "Bearer bbb"]],
  [["Bearer aaa", "Bearer aaa"]],
  [["Bearer", "Bearer aaa"]],
  [["Bearer aaa", "Basic YTpi"]],
  [["Basic YTpi", "Bearer aaa"]],
  [["DPoP aaa", "Bearer aaa"]],
  [["Bearer aaa", "DPoP aaa"]],
  [["DPoP aaa", "DPoP bbb"]],
  [["Basic YTpi", "DPoP aaa"]],
])("two Authorization headers are refused: %j", (authorization) => {
  expect(refusal(authorization)).toMatchObject({ status: 400, error: "invalid_request" });
});

test("a header of any size is judged at once", () => {
  expect(extractToken(request(`Bearer ${"a".repeat(MAX_TOKEN_LENGTH)}`))).toHaveLength(MAX_TOKEN_LENGTH);
  const started = performance.now();
  for (const filler of ["a", ",", " ", "%", ", bearer "]) {
    const error = refusal(`Bearer ${filler.repeat(1_000_000)}x`);
    expect(error).toMatchObject({ status: 401, reason: "token_malformed" });
  }
  expect(refusal(`Basic ${", bearer".repeat(200_000)}`).status).toBe(401);
  expect(refusal(`Basic ${",".repeat(50_000)}${" ".repeat(50_000)}`).status).toBe(401);
  expect(performance.now() - started).toBeLessThan(2_000);
});
