import { expect, it } from "vitest";
import { startWithAdmin } from "../../../../../test/admin-server.ts";
import { PASSWORD, TestClient } from "../../../../../test/test-server.ts";

interface Page {
  readonly events: { readonly id: number; readonly type: string }[];
  readonly next: string | null;
  readonly last: number;
}

it("whoever waits for an address goes on from the newest event, and finds the next that comes from there", async () => {
  const { server, grace, client, call } = await startWithAdmin();
  const ask = async (query: string) => (await call<Page>("GET", `/admin/audit?${query}`)).body;
  const newest = async () => (await server.audit.list({ limit: 1 }))[0]!.id;
  const waitingFor = "ip=192.0.2.9";

  const first = await ask(waitingFor);
  expect(first).toMatchObject({ events: [], next: null, last: await newest() });
  await client.call("POST", "/logout", { bearer: grace.accessToken });
  const second = await ask(`${waitingFor}&after=${first.last}`);
  expect(second).toMatchObject({ events: [], next: null, last: await newest() });
  expect(second.last).toBeGreaterThan(first.last);
  await new TestClient(server).call("POST", "/login", {
    body: { email: "x@example.com", password: PASSWORD },
    from: "192.0.2.9",
  });
  const third = await ask(`${waitingFor}&after=${second.last}`);
  expect(third.events.map(({ type }) => type)).toEqual(["login_failed"]);
  expect((await ask(`after=${third.last}`)).events).toEqual([]);
});
