import { expect, test } from "vitest";
import { hashOf } from "../sessions/hash-of.ts";
import { AuthorizationRefused, requestedProofKey } from "./authorization-request.ts";

const [ONE, OTHER] = [hashOf("one key"), hashOf("another")];

test("the key that a code is to be bound to is named, or proved, or both alike (RFC 9449 §10, §10.1)", () => {
  expect(requestedProofKey(undefined)).toBeNull();
  expect(requestedProofKey(ONE)).toBe(ONE);
  expect(requestedProofKey(undefined, ONE)).toBe(ONE);
  expect(requestedProofKey(ONE, ONE)).toBe(ONE);
  expect(() => requestedProofKey(ONE, OTHER)).toThrow(AuthorizationRefused);
  for (const odd of ["x", `${ONE}x`, ONE.slice(1), `${ONE.slice(1)}=`]) {
    expect(() => requestedProofKey(odd)).toThrow(AuthorizationRefused);
  }
});
