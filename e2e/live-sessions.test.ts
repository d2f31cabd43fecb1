/** The programs of the guide for moving, as printed: people who are signed in to the system before go on, without a password. */
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSigner, importSecret } from "@ostiary/jwt";
import { beforeAll, describe, expect, it } from "vitest";
import { call, get, PASSWORD, refresh } from "./call.ts";
import type { Tokens } from "./call.ts";
import { freePort, launch, REPOSITORY, temporaryFolder, until } from "./launch.ts";
import { fencedBlocks } from "./printed-blocks.ts";
import { runOstiary } from "./start-ostiary.ts";

const guide = readFileSync(join(REPOSITORY, "docs/migration/from-other-libraries.md"), "utf8");
const [apiProgram = "", serverProgram = ""] = fencedBlocks(guide, "ts").filter((code) => code.includes("listen("));
const HOUR = 3_600_000;

const ada = { id: randomUUID(), email: "ada@example.com" };
const oldAccessSecret = randomBytes(32).toString("hex");
let issuer: string;
let api: string;
let old: DatabaseSync;

beforeAll(async () => {
  const folder = temporaryFolder({ packages: true });
  old = new DatabaseSync(join(folder, "old.db"));
  // The cost is the lowest that bcrypt has: nobody signs in by it here.
  const user = { ...ada, passwordHash: "$2b$04$ZRWKE5OWGm4NvZGhJHzZCe1Cg2NKvmwSdY9kzPrRxgTMbm/3ojzBq" };
  writeFileSync(join(folder, "users.jsonl"), JSON.stringify(user));

  const [port, apiPort] = [await freePort(), await freePort()];
  issuer = `http://localhost:${port}/auth`;
  api = `http://localhost:${apiPort}`;
  start("server.ts", serverProgram.replaceAll("3000", String(port)), folder);
  await until("the server answers", () => fetch(`${issuer}/.well-known/jwks.json`).then(({ ok }) => ok, () => false));
  await runOstiary(["users", "import", "users.jsonl"], { folder });
  start("api.ts", apiProgram.replaceAll("localhost:4000", `localhost:${port}`).replaceAll("3000", String(apiPort)), folder);
  await until("the API answers", () => fetch(api).then(() => true, () => false));
});

function start(name: string, program: string, folder: string): void {
  writeFileSync(join(folder, name), program);
  launch(process.execPath, [name], { cwd: folder, env: { OLD_ACCESS_TOKEN_SECRET: oldAccessSecret } });
}

/** As the old code signs people in: a row, and a cookie. */
function oldCookie(expiresAt = Date.now() + HOUR): string {
  const token = randomBytes(16).toString("base64url");
  old.prepare("INSERT INTO refresh_tokens VALUES (?, ?, ?)").run(token, ada.id, expiresAt);
  return `theme=dark; refreshToken=${token}`;
}

const swap = (cookie: string) => call<Tokens>("POST", `${issuer}/refresh`, { headers: { cookie } });

describe("people who are signed in to the system before", () => {
  it("get a session for the old cookie, and the old token is gone", async () => {
    const cookie = oldCookie();
    const answer = await swap(cookie);
    expect([answer.status, answer.body.user]).toEqual([200, expect.objectContaining(ada)]);
    expect((await get(`${issuer.replace("/auth", "")}/hello`, answer.body.accessToken)).body).toEqual({ hello: ada.id });
    expect(old.prepare("SELECT count(*) AS kept FROM refresh_tokens").get()).toEqual({ kept: 0 });
    expect((await swap(cookie)).status).toBe(401);

    const held = answer.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
    const again = await call("POST", `${issuer}/refresh`, { headers: { cookie: held, "x-csrf-token": answer.body.csrfToken } });
    expect(again.status).toBe(200);
  });

  it("do not, where it has expired or never was", async () => {
    const expired = await swap(oldCookie(Date.now() - 1));
    const invented = await swap("refreshToken=invented");
    const inBody = await refresh(issuer, "invented");
    expect([expired.status, invented.status, inBody.status]).toEqual([401, 401, 401]);
  });

  it("are let in by their old access tokens as well as by new ones, and nobody by another's secret", async () => {
    const { body } = await swap(oldCookie());
    const claims = { issuer: "https://old.example.com", audience: "https://api.example.com", expiresInSeconds: 900 };
    const oldToken = (secret: string, more = {}) =>
      createSigner({ key: importSecret(Buffer.from(secret), { algorithm: "HS256" }), ...claims, ...more })({ sub: ada.id });
    for (const token of [body.accessToken, oldToken(oldAccessSecret)]) {
      expect(await get(`${api}/hello`, token)).toMatchObject({ status: 200, body: { hello: ada.id } });
    }
    const forged = [oldToken(randomBytes(32).toString("hex")), oldToken(oldAccessSecret, { issuer })];
    for (const token of [...forged, undefined]) expect((await get(`${api}/hello`, token)).status).toBe(401);
  });

  it("on phones go on by the client itself, which takes the old token for one of ours", async () => {
    const folder = temporaryFolder({ packages: true });
    writeFileSync(join(folder, "phone.js"), PHONE);
    const phone = launch(process.execPath, ["phone.js"], { cwd: folder, env: { PORT: String(await freePort()) } });
    await phone.ended;
    expect(phone.stderr).toBe("");
    expect(JSON.parse(phone.stdout)).toEqual({ status: "signed_in", email: ada.email, swapped: true, secondStart: "signed_in" });
  });
});

/** A server, and twice the start of an app that finds the token of before in its storage. */
const PHONE = `
import { createAuthClient } from "@ostiary/client";
import express from "express";
import { createOstiary } from "ostiary";
import { toExpress } from "ostiary/express";

const live = new Map();
const ostiary = await createOstiary({
  issuer: "http://localhost:" + process.env.PORT + "/auth",
  databaseUrl: "sqlite::memory:",
  secret: "${randomBytes(32).toString("hex")}",
  async adoptSession(request) {
    const { refreshToken } = await request.json();
    const userId = live.get(refreshToken);
    live.delete(refreshToken);
    return userId === undefined ? null : { userId };
  },
});
const { id } = await ostiary.users.create({ email: "ada@example.com", password: "${PASSWORD}" });
live.set("of before", id);
const server = express().use("/auth", toExpress(ostiary)).listen(process.env.PORT);

let stored = null;
const storage = {
  load: () => stored ?? JSON.stringify({ refreshToken: "of before" }),
  save: (text) => { stored = text; },
};
const start = () => createAuthClient({ issuer: ostiary.issuer, delivery: "body", storage }).ready();
const { status, user } = await start();
const swapped = stored !== null && !stored.includes("of before");
const secondStart = (await start()).status;
console.log(JSON.stringify({ status, email: user?.email, swapped, secondStart }));
process.exit();
`;
