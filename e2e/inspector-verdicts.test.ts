/** The inspector says what a guard would: the same tokens go to both, and the answers are compared. */
import { createPrivateKey, sign as signBytes } from "node:crypto";
import { createGuard, GuardError } from "@ostiary/guard";
import { createKeySet, generateKey } from "@ostiary/jwt";
import { expect, it } from "vitest";
import { meaningOf } from "../packages/console/src/inspector/meanings.ts";
import { readToken } from "../packages/console/src/inspector/read-token.ts";
import { verdictOf } from "../packages/console/src/inspector/verdict.ts";
import { verifySignature } from "../packages/console/src/inspector/verify.ts";

const ISSUER = "http://localhost:4000/auth";
const AUDIENCE = "https://api.example.com";
const NOW = Date.parse("2026-01-01T00:00:00Z");
const SECONDS = NOW / 1000;

const key = generateKey("ES256", { keyId: "one" });
const privateKey = createPrivateKey({ key: { ...key.privateJwk() }, format: "jwk" });
const document = { keys: [key.publicJwk()] };
const guard = createGuard({
  issuer: ISSUER,
  audience: AUDIENCE,
  keys: createKeySet(document),
  clock: () => NOW,
  onWarning: () => {},
});

const CLAIMS: Readonly<Record<string, unknown>> = {
  iss: ISSUER,
  aud: [ISSUER, AUDIENCE],
  sub: "ada",
  sid: "a-session",
  jti: "a-token",
  ver: 1,
  client_id: "first-party",
  scope: "",
  roles: ["user"],
  iat: SECONDS - 60,
  exp: SECONDS + 60,
};

const HEADER: Readonly<Record<string, unknown>> = { alg: "ES256", typ: "at+jwt", kid: "one" };

/** The claims as they are, with changes; one that is undefined is left out. */
function token(changed: object = {}, header: object = {}): string {
  return sign(JSON.stringify({ ...CLAIMS, ...changed }), header);
}

/** Of anything: an engine that signs for itself would refuse half of these. */
function sign(payload: string, header: object | string = {}): string {
  const headerText = typeof header === "string" ? header : JSON.stringify({ ...HEADER, ...header });
  const input = [headerText, payload].map((part) => Buffer.from(part).toString("base64url")).join(".");
  const signature = signBytes("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${input}.${signature.toString("base64url")}`;
}

const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
const good = token();

const TOKENS: readonly (readonly [string, string])[] = [
  ["good", good],
  ["typ in capitals", token({}, { typ: "AT+JWT" })],
  ["typ with application/", token({}, { typ: "Application/at+jwt" })],
  ["another typ", token({}, { typ: "JWT" })],
  ["no typ", token({}, { typ: undefined })],
  ["a changed signature", `${good.slice(0, -10)}AAAAAAAAAA`],
  ["no signature", good.slice(0, good.lastIndexOf(".") + 1)],
  ["a signature with padding", `${good}=`],
  ["alg none", token({}, { alg: "none" })],
  ["no alg", token({}, { alg: undefined })],
  ["an unknown alg", token({}, { alg: "XX256" })],
  ["an unknown key", token({}, { kid: "other" })],
  ["kid that is no text", token({}, { kid: 1 })],
  ["no kid", token({}, { kid: undefined })],
  ...["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"].map(
    (name) => [`the header ${name}`, token({}, { [name]: {} })] as const,
  ),
  ["a name twice in the header", sign(JSON.stringify(CLAIMS), '{"alg":"ES256","typ":"at+jwt","kid":"one","kid":"one"}')],
  ["a name twice in the claims", sign(JSON.stringify(CLAIMS).replace("{", '{"sub":"eve",'))],
  ["a name twice, and a signature of another", `${sign('{"a":1,"a":2}').split(".", 2).join(".")}.${good.split(".")[2]}`],
  ["a name with a backslash", sign(JSON.stringify({ ...CLAIMS, "a\\b": 1 }))],
  ["colons and quotes in texts", token({ url: 'https://x/"a":1', "a:b": "{:}" })],
  ["nested as deeply as can be", token({ deep: nested(31) })],
  ["nested too deeply", token({ deep: nested(32) })],
  ["a claim called __proto__", sign(JSON.stringify(CLAIMS).replace("{", '{"__proto__":{"iss":"x"},'))],
  ["too long", token({ pad: "x".repeat(17_000) })],
  ...["iss", "aud", "exp", "iat", "sub", "sid", "jti", "ver", "client_id", "scope", "roles"].flatMap((name) => [
    [`without ${name}`, token({ [name]: undefined })] as const,
    [`${name}: null`, token({ [name]: null })] as const,
    [`${name}: {}`, token({ [name]: {} })] as const,
  ]),
  ["an empty sid", token({ sid: "" })],
  ["an empty sub", token({ sub: "" })],
  ["version 0", token({ ver: 0 })],
  ["version 1.5", token({ ver: 1.5 })],
  ["a role that is none", token({ roles: [1] })],
  ["no roles", token({ roles: [] })],
  ["aud a text", token({ aud: AUDIENCE })],
  ["aud another", token({ aud: [ISSUER] })],
  ["aud with a number in it", token({ aud: [AUDIENCE, 1] })],
  ["another issuer", token({ iss: "https://evil.example" })],
  ["expired", token({ exp: SECONDS })],
  ["expired a moment ago", token({ exp: SECONDS - 0.001 })],
  ["expired, and of another issuer", token({ exp: SECONDS - 1, iss: "https://evil.example" })],
  ["expired, and for others", token({ exp: SECONDS - 1, aud: "others" })],
  ["expired, and of nobody", token({ exp: SECONDS - 1, sub: undefined })],
  ["expired, and sub is no text", token({ exp: SECONDS - 1, sub: 1 })],
  ["expired, and another typ", token({ exp: SECONDS - 1 }, { typ: "JWT" })],
  ["not good yet", token({ nbf: SECONDS + 1 })],
  ["not good yet, and expired", token({ nbf: SECONDS + 1, exp: SECONDS - 1 })],
  ["good from now", token({ nbf: SECONDS })],
  ["nbf: null", token({ nbf: null })],
  ["issued in the future", token({ iat: SECONDS + 1000 })],
  ["expires in a million years", token({ exp: 9e15 })],
  ["expires never", sign(JSON.stringify(CLAIMS).replace(`"exp":${SECONDS + 60}`, '"exp":1e999'))],
];

async function ofGuard(text: string): Promise<string> {
  try {
    await guard.authenticate(new Request(AUDIENCE, { headers: { authorization: `Bearer ${text}` } }));
    return "Let in";
  } catch (error) {
    if (!(error instanceof GuardError)) throw error;
    return `${error.status} ${error.error} · ${error.reason}`;
  }
}

async function ofInspector(text: string): Promise<string> {
  const read = readToken(text);
  const signature = await verifySignature(read, document);
  return verdictOf(read, signature, { issuer: ISSUER, audience: AUDIENCE }, NOW).code;
}

it.each(TOKENS)("of a token, %s, the inspector says what a guard says", async (_, text) => {
  expect(await ofInspector(text)).toBe(await ofGuard(text));
});

it("those tokens are refused for each reason that does not come from elsewhere", async () => {
  const said = new Set(await Promise.all(TOKENS.map(([, text]) => ofGuard(text))));
  const reasons = ["token_malformed", "signature_invalid", "claim_invalid", "token_expired", "token_not_active"];
  expect(said).toEqual(new Set(["Let in", ...reasons.map((reason) => `401 invalid_token · ${reason}`)]));
});

it("without keys a guard that has them decides, unless the form is wrong already", async () => {
  const expected = { issuer: ISSUER, audience: AUDIENCE };
  const read = readToken(good);
  expect(verdictOf(read, await verifySignature(read, null), expected, NOW).tone).toBe("warn");
  const wrong = readToken(token({}, { jwk: {} }));
  expect(verdictOf(wrong, await verifySignature(wrong, null), expected, NOW).code).toBe("401 invalid_token · token_malformed");
});

it("a claim may be called like what every object has", () => {
  expect(meaningOf("sub")).toBe("whom it is about");
  for (const name of ["__proto__", "constructor", "toString"]) expect(meaningOf(name)).toBe("");
});
