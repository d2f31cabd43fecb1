import { describe, expect, it } from "vitest";
import type { GrantType } from "../clients/registration.ts";
import { checkedClientScopes, checkedScopes } from "./scopes.ts";

const registered = (scopes: string[], grantTypes: GrantType[] = ["authorization_code"]) => ({ scopes, grantTypes });

describe("a request that ends without any scope is refused", () => {
  it.each<[string, string | undefined, string[]]>([
    ["nothing is asked for, and the client is registered for no API", undefined, ["openid", "email"]],
    ["offline_access, of a client that may not refresh", "offline_access", ["openid", "offline_access"]],
  ])("%s", (_, scope, scopes) => {
    expect(() => checkedScopes(scope, registered(scopes))).toThrow(expect.objectContaining({ code: "invalid_scope" }));
  });

  it("also in a client's own name", () => {
    const registration = registered([], ["client_credentials"]);
    expect(() => checkedClientScopes(undefined, registration)).toThrow(expect.objectContaining({ code: "invalid_scope" }));
  });

  it("else what is left is granted", () => {
    expect(checkedScopes(undefined, registered(["openid", "orders:read"]))).toEqual(["orders:read"]);
    expect(checkedScopes("openid offline_access", registered(["openid", "offline_access"]))).toEqual(["openid"]);
  });
});
