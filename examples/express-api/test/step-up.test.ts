/** RFC 9470 from end to end, by somebody else's client: what the API asks for is what the app asks the auth server for. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as client from "openid-client";
import { expect, it } from "vitest";
import { PASSWORD, signup } from "../../../e2e/call.ts";
import { Person } from "../../../e2e/oauth/person.ts";
import { runOstiary, startExample } from "../../../e2e/start-ostiary.ts";

const REDIRECT_URI = "https://rp.example/callback";

it("an app is told by the API to have its user sign in again, asks for that, and gets in", async () => {
  const app = await startExample();
  await signup(app.issuer, "ada@example.com");
  const person = new Person(app.issuer, fetch, { email: "ada@example.com", password: PASSWORD });
  const printed = await runOstiary(["clients", "create", "Shop", "--redirect-uri", REDIRECT_URI, "--first-party", "--json"], app);
  const { clientId, clientSecret } = JSON.parse(printed) as { clientId: string; clientSecret: string };
  // oxlint-disable-next-line typescript/no-deprecated -- to stand out
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
  const config = await client.discovery(new URL(app.issuer), clientId, undefined, client.ClientSecretBasic(clientSecret), {
    execute,
  });

  async function signIn(more: Record<string, string> = {}) {
    const [pkceCodeVerifier, expectedState] = [client.randomPKCECodeVerifier(), client.randomState()];
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: "openid",
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      state: expectedState,
      ...more,
    });
    const arrival = await person.open(url);
    const maxAge = more["max_age"] === undefined ? {} : { maxAge: Number(more["max_age"]) };
    const tokens = await client.authorizationCodeGrant(config, arrival.url, {
      pkceCodeVerifier,
      expectedState,
      idTokenExpected: true,
      ...maxAge,
    });
    return { tokens, steps: arrival.steps };
  }
  const deleteAll = (token: string) => client.fetchProtectedResource(config, token, new URL(`${app.url}/notes`), "DELETE");

  await signIn();
  // Ten minutes pass for Ada's browser.
  const database = new DatabaseSync(join(app.folder, ".ostiary/ostiary.db"));
  database.exec("update sessions set auth_time = auth_time - 600000");
  database.close();
  const before = await signIn();
  expect(before.steps).toEqual([]);

  const refusal: unknown = await deleteAll(before.tokens.access_token).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(client.WWWAuthenticateChallengeError);
  const [challenge] = (refusal as client.WWWAuthenticateChallengeError).cause;
  const { error, max_age } = challenge?.parameters ?? {};
  expect([challenge?.scheme, error, max_age]).toEqual(["bearer", "insufficient_user_authentication", "300"]);

  const after = await signIn({ max_age: max_age ?? "" });
  expect(after.steps).toEqual(["sign in"]);
  expect((await deleteAll(after.tokens.access_token)).status).toBe(200);
  await app.stop();
});
