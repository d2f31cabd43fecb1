/** What must hold for any token whatever, and how our answer may differ from jose's. */
import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";

import * as jose from "jose";

import { type Algorithm, decode, generateKey, importSecret, type Key, verifyJws } from "../../src/index.ts";
import { AUDIENCE, ISSUER, keyFor, NOW, refusal, verifierFor } from "../fixtures.ts";
import { requireKey } from "../../src/key.ts";
import type { Draft, Kind, Mutation } from "./mutations.ts";

export const FUZZED: Algorithm[] = ["HS256", "ES256", "Ed25519"];

interface Target {
  key: Key;
  other: Key;
  verify: ReturnType<typeof verifierFor>;
  uncached: ReturnType<typeof verifierFor>;
  joseKey: KeyObject;
}

const targets = new Map(FUZZED.map((algorithm) => [algorithm, makeTarget(algorithm)]));
/** Somebody else's secret. */
const impostor = importSecret(new Uint8Array(32).map((_, i) => 255 - i * 3), { algorithm: "HS256" });

function makeTarget(algorithm: Algorithm): Target {
  const key = keyFor(algorithm);
  const jwk = key.privateJwk();
  const joseKey = key.type === "secret" ? createSecretKey(Buffer.from(jwk.k ?? "", "base64url")) : createPublicKey({ key: jwk, format: "jwk" });
  const uncached = verifierFor(key, { cache: false });
  return { key, other: generateKey(algorithm), verify: verifierFor(key, { cache: { maxTokens: 50 } }), uncached, joseKey };
}

/** Where jose accepts and we do not: what it is about, what we say, and why that is right. */
const JOSE_ACCEPTS: { kinds: Kind[]; says: RegExp; because: string }[] = [
  { kinds: ["spelling"], says: /not base64url/, because: "a second spelling of a token escapes denylists and caches (RFC 4648 §3.5)" },
  { kinds: ["twice", "bytes"], says: /member name twice/, because: "two readers may take two different members (RFC 7515 §4, RFC 8725 §2.4)" },
  { kinds: ["name", "bytes"], says: /name with a backslash|member name twice/, because: "V8 may take an escaped name for one with a backslash (nodejs/node#63785)" },
  { kinds: ["parameter", "bytes"], says: /which is refused/, because: "we take no key from a token, and understand no extension (RFC 8725 §3.10)" },
  { kinds: ["depth", "bytes"], says: /too deeply/, because: "no claim in use is nested so deep, and readers with a stack fall over" },
  { kinds: ["depth", "json"], says: /too long/, because: "no token in use has more than 64 Ki characters, and nobody is to make us read one" },
  { kinds: ["bytes"], says: /not UTF-8|not JSON/, because: "JSON is UTF-8 without byte order mark (RFC 8259 §8.1); jose decodes leniently" },
  { kinds: ["kid", "bytes"], says: /kid/, because: "a kid has to name the key; jose was given one key and does not look" },
  { kinds: ["header type", "bytes"], says: /cty is not a text/, because: "RFC 7515 §4.1.10" },
  { kinds: ["time type", "bytes"], says: /not a finite number/, because: "1e400 never comes (RFC 7519 §2, NumericDate)" },
  { kinds: ["claim type", "bytes"], says: /not a text/, because: "sub and jti are texts (RFC 7519 §4.1.2, §4.1.7)" },
  { kinds: ["claim", "bytes"], says: /aud is not/, because: "an aud with anything but texts in it is not an aud (RFC 7519 §4.1.3)" },
];

export interface Draw { algorithm: Algorithm; mutations: Mutation[] }

/** Throws if anything does not hold for the token that `mutations` make. Returns why jose and we differ, if we do. */
export async function checkToken({ algorithm, mutations }: Draw): Promise<string | undefined> {
  const target = targets.get(algorithm) ?? makeTarget(algorithm);
  const { token, signedText, kinds } = write(target, algorithm, mutations);

  const outcomes = [target.verify, target.verify, target.uncached].map((verify) => outcomeOf(() => verify(token).claims));
  const [ours] = outcomes;
  if (ours === undefined || outcomes.some((outcome) => JSON.stringify(outcome) !== JSON.stringify(ours))) {
    throw new Error(`Cached and uncached answers differ: ${JSON.stringify(outcomes)}`);
  }
  const jws = outcomeOf(() => verifyJws(token, { keys: target.key, algorithms: [algorithm] }).header);
  const decoded = outcomeOf(() => decode(token).claims);
  if (ours.accepted) {
    if (token !== signedText) throw new Error("Accepted a text that the key's owner has not signed.");
    if (!jws.accepted) throw new Error("The token was accepted, its signature was not.");
    if (JSON.stringify(decoded.value) !== JSON.stringify(ours.value)) throw new Error("decode and verify read different claims.");
  } else if ([...kinds].every((kind) => kind === "harmless")) {
    throw new Error(`Refused a good token: ${ours.refused}`);
  }
  if (jws.accepted && token !== signedText) throw new Error("verifyJws accepted what nobody signed.");
  return compareWithJose(target, token, ours, kinds);
}

async function compareWithJose(target: Target, token: string, ours: Outcome, kinds: ReadonlySet<Kind>): Promise<string | undefined> {
  let claims: unknown;
  try {
    const algorithms = target.key.algorithm === "Ed25519" ? ["Ed25519", "EdDSA"] : [target.key.algorithm];
    const options = { algorithms, issuer: ISSUER, audience: AUDIENCE, typ: "JWT", requiredClaims: ["exp"], currentDate: new Date(NOW * 1000) };
    claims = (await jose.jwtVerify(token, target.joseKey, options)).payload;
  } catch {
    if (ours.accepted) throw new Error("We accept what jose refuses.");
    return undefined;
  }
  if (ours.accepted) {
    if (JSON.stringify(claims) !== JSON.stringify(ours.value) && !token.split(".").some(hasEscapes)) throw new Error("jose and we read different claims.");
    return undefined;
  }
  const reason = JOSE_ACCEPTS.find((one) => one.kinds.some((kind) => kinds.has(kind)) && one.says.test(ours.refused ?? ""));
  if (!reason) throw new Error(`jose accepts what we refuse, and no reason is listed: ${ours.refused} [${[...kinds].join()}]`);
  return reason.because;
}

/** V8 may have given jose other names than were written (nodejs/node#63785). */
function hasEscapes(part: string): boolean {
  return Buffer.from(part, "base64url").includes("\\");
}

interface Outcome { accepted: boolean; value?: unknown; refused?: string }

/** What a call returned, or the JwtError it threw; throws for any other error. */
function outcomeOf(call: () => unknown): Outcome {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    const code = refusal(() => { throw error; });
    return { accepted: false, refused: `${code}: ${(error as Error).message}` };
  }
  return { accepted: true, value };
}

/** Writes the token. `signedText` is what the key's owner has signed, if anything. */
function write(target: Target, algorithm: Algorithm, mutations: readonly Mutation[]): { token: string; signedText: string | undefined; kinds: Set<Kind> } {
  const draft: Draft = {
    header: [[`"alg"`, JSON.stringify(algorithm)], [`"typ"`, `"JWT"`], [`"kid"`, JSON.stringify(target.key.keyId)]],
    payload: [
      [`"iss"`, JSON.stringify(ISSUER)], [`"aud"`, JSON.stringify(AUDIENCE)], [`"sub"`, `"user-1"`], [`"iat"`, String(NOW - 60)],
      [`"exp"`, String(NOW + 840)], [`"roles"`, `["user"]`],
    ],
    bytes: { header: [], payload: [] }, signer: "owner", signature: [], text: [], kinds: new Set(),
  };
  for (const mutate of mutations) mutate(draft);
  for (const members of [draft.header, draft.payload]) {
    if (new Set(members.map(([name]) => name)).size < members.length) draft.kinds.add("twice");
  }

  const [header, payload] = (["header", "payload"] as const).map((part) => {
    const object = Buffer.from(`{${draft[part].map(([name, value]) => `${name}:${value}`).join(",")}}`);
    return draft.bytes[part].reduce<Buffer>((bytes, change) => change(bytes), object).toString("base64url");
  });
  const input = `${header}.${payload}`;
  const signer = { owner: target.key, other: target.other, hmac: impostor, nobody: undefined }[draft.signer];
  const right = signer && requireKey(signer, "signer").sign?.(input);
  const signature = draft.signature.reduce<Buffer>((bytes, change) => change(bytes), Buffer.from(right ?? "", "base64url")).toString("base64url");
  const token = draft.text.reduce((text, change) => change(text), `${input}.${signature}`);
  return { token, signedText: draft.signer === "owner" ? `${input}.${right}` : undefined, kinds: draft.kinds };
}
