import { expect, it } from "vitest";
import { TestClient, refusal } from "../../../../test/test-server.ts";
import { ADA, startWithProvider, Traveller, whoIs } from "../../../../test/traveller.ts";

it("accounts elsewhere that let a user in are seen and taken away by administrators: the last one, too, and they are out", async () => {
  const { provider, server } = await startWithProvider();
  const bob = new Traveller(server);
  await bob.signIn(provider, { sub: "bob", email: "bob@example.com" });
  const id = (await server.users.findByEmail("bob@example.com"))?.id ?? "";
  const admin = new TestClient(server);
  const { user } = await admin.signup(ADA.email);
  await server.users.setRoles(user.id, ["user", "admin"]);
  const bearer = (await admin.login(ADA.email)).accessToken;
  const call = <Body>(method: string, path: string) => new TestClient(server).call<Body>(method, path, { bearer });

  const { body } = await call<{ identities: unknown[] }>("GET", `/admin/users/${id}`);
  const linkedAt = expect.stringMatching(/^\d{4}-/) as unknown;
  expect(body.identities).toEqual([{ issuer: provider.issuer, subject: "bob", label: "bob@example.com", linkedAt }]);
  const way = (subject: string, of = id) =>
    `/admin/users/${of}/identities?${new URLSearchParams({ issuer: provider.issuer, subject }).toString()}`;
  expect(refusal(await call("DELETE", `/admin/users/${id}/identities?subject=bob`))).toMatchObject({
    status: 400,
    field: "issuer",
  });
  for (const path of [way("ada"), way("bob", user.id)]) {
    expect(refusal(await call("DELETE", path))).toMatchObject({ status: 404 });
  }
  expect(await whoIs(bob)).toBe("bob@example.com");

  expect((await call("DELETE", way("bob"))).status).toBe(204);
  expect(await whoIs(bob)).toBeNull();
  expect((await call<typeof body>("GET", `/admin/users/${id}`)).body.identities).toEqual([]);
  const [event] = await server.audit.list({ types: ["identity_unlinked"], userId: id });
  expect(event?.detail).toEqual({ issuer: provider.issuer, subject: "bob", by: { id: user.id, email: ADA.email } });
  const again = await new Traveller(server).signIn(provider, { sub: "bob", email: "bob@example.com" });
  expect([again.status, again.text.includes("password")]).toEqual([200, true]);
});
