/**
 * Tokens go to and fro between us and programs that are not Node: PyJWT and the openssl command.
 *
 * Where one is not installed its tests do not run, and a line says so; in CI it is installed, or the tests fail.
 */
import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Algorithm, type Key, verifyJws } from "../../src/index.ts";
import { ALGORITHMS, AUDIENCE, encode, goodClaims, ISSUER, keyFor, tokenOf, verifierFor } from "../fixtures.ts";

const isCi = process.env["CI"] === "true";

/** The first of `commands` that works with `args`; in CI one is made to. Undefined if there is none. */
function find(name: string, commands: string[], args: string[], aptPackages: string[]): string | undefined {
  const working = () => commands.find((command) => spawnSync(command, args).status === 0);
  const found = working();
  if (found !== undefined) return found;
  if (isCi && process.getuid?.() === 0) {
    spawnSync("apt-get", ["update"]);
    spawnSync("apt-get", ["install", "-y", "--no-install-recommends", ...aptPackages]);
  }
  if (isCi) return working() ?? commands[0]; // what is missing now fails its tests
  process.stderr.write(`\nNOT TESTED against ${name}: it is not installed (apt-get install ${aptPackages.join(" ")}).\n\n`);
  return undefined;
}

// Another Python may stand before the one that Debian's packages are for.
const python = find("PyJWT", ["python3", "/usr/bin/python3"], ["-c", "import jwt, cryptography"], ["python3-jwt", "python3-cryptography"]);
const opensslCommand = find("openssl", ["openssl"], ["version"], ["openssl"]);

const pemOf = (key: Key, half: "private" | "public"): string => {
  const object = createPrivateKey({ key: key.privateJwk(), format: "jwk" });
  return (half === "private"
    ? object.export({ type: "pkcs8", format: "pem" })
    : createPublicKey(object).export({ type: "spki", format: "pem" })) as string;
};
const secretOf = (key: Key) => Buffer.from(key.privateJwk().k ?? "", "base64url");

describe.runIf(python)("PyJWT", () => {
  const program = `
import json, sys, jwt
for line in sys.stdin:
    job = json.loads(line)
    key = bytes.fromhex(job["secret"]) if "secret" in job else job["pem"]
    if "token" in job:
        options = {"verify_exp": False, "verify_iat": False}
        print(json.dumps(jwt.decode(job["token"], key, algorithms=[job["alg"]], issuer=job["iss"], audience=job["aud"], options=options)))
    else:
        token = jwt.encode(job["claims"], key, algorithm=job["alg"], headers={"kid": job["kid"]})
        print(json.dumps(token if isinstance(token, str) else token.decode()))
`;

  const claims = { ...goodClaims, "é": "日本" };
  const keyIn = (key: Key, half: "private" | "public") =>
    key.type === "secret" ? { secret: secretOf(key).toString("hex") } : { pem: pemOf(key, half) };
  // It has no name for Ed25519 but EdDSA, which we read and do not write.
  const readable = ALGORITHMS.filter((name) => name !== "Ed25519");
  let answers: unknown[] = [];

  beforeAll(() => {
    const jobs = [
      ...readable.map((alg) => ({ ...keyIn(keyFor(alg), "public"), alg, token: tokenOf(keyFor(alg), claims), iss: ISSUER, aud: AUDIENCE })),
      ...ALGORITHMS.map((alg) => ({ ...keyIn(keyFor(alg), "private"), alg: alg === "Ed25519" ? "EdDSA" : alg, claims, kid: keyFor(alg).keyId })),
    ];
    const input = jobs.map((job) => `${JSON.stringify(job)}\n`).join("");
    const { stdout, stderr, status } = spawnSync(python ?? "", ["-c", program], { input, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    answers = stdout.trim().split("\n").map((line): unknown => JSON.parse(line));
  });

  it.each(readable.map((alg, i) => [alg, i] as const))("reads our %s", (_, i) => {
    expect(answers[i]).toEqual(claims);
  });

  it.each(ALGORITHMS.map((alg, i) => [alg, readable.length + i] as const))("signs %s, and we read it", (alg, i) => {
    expect(verifierFor(keyFor(alg))(String(answers[i])).claims).toEqual(claims);
  });
});

describe.runIf(opensslCommand)("openssl", () => {
  const folder = mkdtempSync(join(tmpdir(), "openssl-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string) => join(folder, name);

  function openssl(...args: string[]): string {
    const { stdout, stderr, status } = spawnSync(opensslCommand ?? "", args, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr + stdout);
    return stdout;
  }

  /** Arguments for a signature or its verification over the file `input`. */
  function command(algorithm: Algorithm, how: "-sign" | "-verify"): string[] {
    const keyFile = how === "-sign" ? "private.pem" : "public.pem";
    const rest = how === "-sign" ? ["-out", "signature"] : [];
    if (algorithm === "Ed25519") {
      const key = how === "-sign" ? ["-inkey", keyFile] : ["-pubin", "-inkey", keyFile, "-sigfile", "signature"];
      return ["pkeyutl", how, ...key, "-rawin", "-in", "input", ...rest];
    }
    const pss = algorithm.startsWith("PS") ? ["-sigopt", "rsa_padding_mode:pss", "-sigopt", `rsa_pss_saltlen:${Number(algorithm.slice(2)) / 8}`] : [];
    const signature = how === "-verify" ? ["-signature", "signature"] : [];
    return ["dgst", `-sha${algorithm.slice(2)}`, ...pss, how, keyFile, ...signature, ...rest, "input"];
  }

  it.each(["RS256", "RS512", "PS256", "PS384", "Ed25519"] as const)("%s: verifies ours, and we verify its own", (algorithm) => {
    const key = keyFor(algorithm);
    writeFileSync(file("private.pem"), pemOf(key, "private"));
    writeFileSync(file("public.pem"), pemOf(key, "public"));
    const [head, body, signature = ""] = tokenOf(key).split(".");
    writeFileSync(file("input"), `${head}.${body}`);
    writeFileSync(file("signature"), Buffer.from(signature, "base64url"));
    expect(openssl(...command(algorithm, "-verify"))).toMatch(/Verified OK|Signature Verified Successfully/);
    openssl(...command(algorithm, "-sign"));
    const theirs = `${head}.${body}.${readFileSync(file("signature")).toString("base64url")}`;
    expect(verifyJws(theirs, { keys: key, algorithms: [algorithm] }).key).toBe(key);
  });

  it.each(["HS256", "HS384", "HS512"] as const)("%s: makes the same MAC", (algorithm) => {
    const key = keyFor(algorithm);
    const token = tokenOf(key);
    const at = token.lastIndexOf(".");
    writeFileSync(file("input"), token.slice(0, at));
    openssl("dgst", `-sha${algorithm.slice(2)}`, "-mac", "HMAC", "-macopt", `hexkey:${secretOf(key).toString("hex")}`, "-binary", "-out", "signature", "input");
    expect(encode(readFileSync(file("signature")))).toBe(token.slice(at + 1));
  });
});
