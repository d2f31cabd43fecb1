import { describe, expect, it } from "vitest";
import { startMailing, startWithAda, tokenIn } from "../../test/mailbox.ts";
import { DAY, refusal, TestClient } from "../../test/test-server.ts";

const INVALID = { status: 400, error: "invalid_link" };
const verify = (client: TestClient, token: string) => client.call("POST", "/email/verify", { body: { token } });

describe("POST /email/verify and POST /email/verification", () => {
  it("204: of a hundred at once with the link that came at sign-up, one gets through", async () => {
    const { client, tokens, mailbox } = await startWithAda({ limits: "off" });
    const token = tokenIn(await mailbox.about("Confirm your"));
    const answers = await Promise.all(Array.from({ length: 100 }, () => verify(client, token)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect((await client.me(tokens.accessToken)).body.user.emailVerified).toBe(true);
  });

  it("202: sends another, which takes the place of the first; and none to who is verified", async () => {
    const { client, tokens, mailbox } = await startWithAda();
    const [first] = mailbox.messages.map(tokenIn) as [string];
    const again = () => client.call("POST", "/email/verification", { bearer: tokens.accessToken });
    expect((await again()).status).toBe(202);
    const second = tokenIn(await mailbox.arrived(2));
    expect(refusal(await verify(client, first))).toEqual(INVALID);
    expect((await verify(client, second)).status).toBe(204);
    expect((await again()).status).toBe(202);
    await client.signup("grace@example.com");
    await mailbox.arrived(3);
    expect(mailbox.messages.map(({ to }) => to.address)).toEqual(["ada@example.com", "ada@example.com", "grace@example.com"]);
  });

  it("401: a verification is sent for nobody but oneself", async () => {
    const { client } = await startMailing();
    expect(refusal(await client.call("POST", "/email/verification"))).toEqual({ status: 401, error: "missing_token" });
  });

  it("400 invalid_link: after a day, and for a user who is gone", async () => {
    const { server, client, tokens, mailbox } = await startWithAda();
    const token = tokenIn(await mailbox.about("Confirm your"));
    server.time.now += DAY;
    expect(refusal(await verify(client, token))).toEqual(INVALID);
    server.time.now -= 1;
    await server.users.delete(tokens.user.id);
    expect(refusal(await verify(client, token))).toEqual(INVALID);
  });

  it("what somebody calls themselves stands in no mail", async () => {
    const { client, mailbox } = await startMailing();
    const name = "http://evil.example <script>alert(1)</script>";
    await client.signup("ada@example.com", { name });
    const { text, html, subject } = await mailbox.arrived(1);
    expect(`${text}${html}${subject}`).not.toMatch(/evil|alert/);
  });
});
