import { describe, expect, it } from "vitest";
import { checkedRegistration } from "../clients/registration.ts";
import { limitsOfGrant } from "./grant-limits.ts";

const ISSUER = "https://auth.example";
const [ORDERS, STOCK] = ["https://orders.example", "https://stock.example"];

function limits(granted: { scopes: string[]; resources?: string[] }, asked: string[] = [], audience = [ORDERS, STOCK]) {
  const registration = checkedRegistration({ redirectUris: ["https://app.example/cb"], scopes: ["openid", "orders:read"] });
  const client = { id: "app", name: "App", guard: false, secretHash: null, createdAt: 0, tokenVersion: 1, registration };
  return limitsOfGrant(client, { resources: [], ...granted }, { resources: asked }, { issuer: ISSUER, audience });
}

describe("what was granted once, and may no longer be had", () => {
  it("a scope that the client is not registered for any more", () => {
    expect(limits({ scopes: ["openid", "orders:read", "stock:write"] }).scopes).toEqual(["openid", "orders:read"]);
    expect(() => limits({ scopes: ["stock:write"] })).toThrow(expect.objectContaining({ code: "invalid_grant" }));
  });

  it("a resource that is no audience any more; if it was the only one, the token is not for all others", () => {
    const granted = { scopes: ["orders:read"], resources: [ORDERS, STOCK] };
    expect(limits(granted, [], [ORDERS]).audience).toEqual([ORDERS]);
    expect(() => limits(granted, [STOCK], [ORDERS])).toThrow(expect.objectContaining({ code: "invalid_target" }));
    expect(() => limits({ ...granted, resources: [STOCK] }, [], [ORDERS])).toThrow(
      expect.objectContaining({ code: "invalid_target" }),
    );
  });
});

it("an API is named at the exchange only by a client that was granted something of an API", () => {
  expect(limits({ scopes: ["openid", "orders:read"] }, [ORDERS]).audience).toEqual([ORDERS]);
  expect(() => limits({ scopes: ["openid"] }, [ORDERS])).toThrow(expect.objectContaining({ code: "invalid_target" }));
});
