import type { TokenResponse } from "@ostiary/protocol";
import { expect, test } from "vitest";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { createProver } from "../../../test/prover.ts";
import { PASSWORD, startTestServer, TestClient } from "../../../test/test-server.ts";
import type { TestServer } from "../../../test/test-server.ts";

test("a proof that one replica has seen no other takes; both know each other's nonces, and one bound session", async () => {
  const databaseUrl = await makePostgresDatabase();
  const start = (): Promise<TestServer> => startTestServer({ databaseUrl, dpopNonces: "on" });
  const [one, two] = await Promise.all([start(), start()]);
  const [atOne, atTwo] = [new TestClient(one), new TestClient(two)];
  const prover = createProver(one);
  const { headers } = await atOne.call("POST", "/refresh", { body: { refreshToken: "x" }, headers: prover.proof("POST", "/refresh") });
  const nonce = headers.get("dpop-nonce");
  const signup = { email: "ada@example.com", password: PASSWORD, delivery: "body" };
  const { body } = await atOne.call<TokenResponse>("POST", "/signup", { body: signup, headers: prover.proof("POST", "/signup", { nonce }) });

  const copied = prover.proof("POST", "/refresh", { nonce });
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? atOne : atTwo).refresh(body.refreshToken, copied)));
  const [good, ...others] = answers.filter(({ status }) => status === 200);
  expect([good?.body.tokenType, others]).toEqual(["DPoP", []]);
  // Whom a slow database keeps waiting for too long is told so, the winner too.
  const refusals = new Set(answers.filter(({ status }) => status !== 200).map(({ status, body: { error } }) => `${status} ${error}`));
  refusals.delete("503 unavailable");
  expect([...refusals]).toEqual(["401 invalid_dpop_proof"]);

  const { refreshToken } = (await atTwo.refresh(good?.body.refreshToken ?? "", prover.proof("POST", "/refresh", { nonce }))).body;
  expect((await atOne.refresh(refreshToken, createProver(one).proof("POST", "/refresh", { nonce }))).body.error).toBe("invalid_dpop_proof");
  expect((await atOne.refresh(refreshToken, prover.proof("POST", "/refresh", { nonce }))).status).toBe(200);
});
