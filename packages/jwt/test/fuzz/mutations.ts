/**
 * Tokens that are almost right.
 *
 * A draft is a token before it is written: members as raw JSON texts, so that it can have a name twice, escaped, or a
 * value that JSON.stringify would not write. Each mutation changes one thing and says what kind of thing it is.
 */
import fc from "fast-check";

import { AUDIENCE, ISSUER, NOW } from "../fixtures.ts";

/** What a mutation is about. `harmless` ones leave a token that has to be accepted. */
export type Kind =
  | "harmless" | "spelling" | "parts" | "signature" | "json" | "twice" | "bytes" | "depth" | "parameter" | "alg" | "kid"
  | "header type" | "name" | "typ" | "time" | "time type" | "claim" | "claim type" | "length";

export interface Draft {
  header: [name: string, value: string][];
  payload: [name: string, value: string][];
  /** Changes a part's bytes before it is encoded. */
  bytes: { header: ((bytes: Buffer) => Buffer)[]; payload: ((bytes: Buffer) => Buffer)[] };
  /** Whose signature it gets. */
  signer: "owner" | "other" | "hmac" | "nobody";
  /** Changes the signature's bytes. */
  signature: ((bytes: Buffer) => Buffer)[];
  /** Changes the finished text. */
  text: ((text: string) => string)[];
  kinds: Set<Kind>;
}

export type Mutation = (draft: Draft) => void;

const parts = fc.constantFrom("header" as const, "payload" as const);
const anyJson = fc.oneof(
  fc.constantFrom(
    "null", "true", "false", "0", "-1", "1e400", "-1e400", "1e-400", "-0", `""`, "[]", "{}", "[[]]", `"\\u0000"`, `"__proto__"`, `[null]`,
    `{"__proto__":null}`, "9007199254740993", `"9999999999"`, `["${AUDIENCE}"]`, `{"0":"${AUDIENCE}"}`,
  ),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);

const kindOf: Record<string, Kind> = {
  "\"": "name", "\\": "name",
  alg: "alg", kid: "kid", typ: "typ", cty: "header type", exp: "time type", nbf: "time type", iat: "time type",
  iss: "claim", aud: "claim", sub: "claim type", jti: "claim type",
  crit: "parameter", b64: "parameter", zip: "parameter", jwk: "parameter", jku: "parameter", x5u: "parameter", x5c: "parameter",
};

/** Sets a member, in place or at the end; the value is any JSON, or one that means something for that name. */
function setMember(part: "header" | "payload", names: readonly string[], values: fc.Arbitrary<string>): fc.Arbitrary<Mutation> {
  return fc.tuple(fc.constantFrom(...names), values).map(([name, value]) => (draft) => {
    const at = draft[part].findIndex(([other]) => other === JSON.stringify(name));
    draft[part].splice(at < 0 ? draft[part].length : at, at < 0 ? 0 : 1, [JSON.stringify(name), value]);
    draft.kinds.add(kindOf[name] ?? "harmless");
    if (value.includes("\\")) draft.kinds.add("name");
  });
}

const times = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((offset) => String(NOW + offset)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);

const structure: fc.Arbitrary<Mutation>[] = [
  setMember("header", ["alg"], fc.oneof(anyJson, fc.constantFrom(`"none"`, `"None"`, `"hs256"`, `"HS512"`, `"ES256K"`, `"EdDSA"`, `"ES256"`, `"HS256"`, `"Ed25519"`))),
  setMember("header", ["kid", "typ", "cty"], fc.oneof(anyJson, fc.constantFrom(`"jwt"`, `"application/JWT"`, `"at+jwt"`, `"key"`, `"KEY"`))),
  setMember("header", ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"], fc.oneof(anyJson, fc.constantFrom(`["b64"]`, "true", `"DEF"`, `["exp"]`))),
  setMember("header", ["x5t", "nonce", "ver"], anyJson),
  setMember("payload", ["exp", "nbf", "iat"], fc.oneof(anyJson, times)),
  setMember("payload", ["iss", "aud", "sub", "jti"], fc.oneof(anyJson, fc.constantFrom(JSON.stringify(ISSUER), JSON.stringify(AUDIENCE), `"${ISSUER}/"`, `["x","${AUDIENCE}"]`, `["${AUDIENCE}",1]`))),
  setMember("payload", ["roles", "a:b", "\"", "\\", "https://x", "__proto__", "constructor", "é", "toString"], anyJson),
  fc.tuple(parts, fc.nat(20)).map(([part, at]) => (draft) => {
    const [gone] = draft[part].splice(at % draft[part].length, 1);
    draft.kinds.add(gone === undefined ? "harmless" : (kindOf[JSON.parse(gone[0]) as string] ?? "harmless"));
  }),
  fc.tuple(parts, fc.nat(20), fc.boolean(), anyJson).map(([part, at, isEscaped, value]) => (draft) => {
    const [name] = draft[part][at % Math.max(1, draft[part].length)] ?? [`"x"`];
    const code = name.charCodeAt(1).toString(16).padStart(4, "0");
    draft[part].push([isEscaped && name.length > 2 && name[1] !== "\\" ? `"\\u${code}${name.slice(2)}` : name, value]);
    draft.kinds.add("twice").add("name");
  }),
  fc.tuple(parts, fc.constantFrom(1, 2, 29, 30, 31, 32, 33, 34, 100, 3000), fc.boolean()).map(([part, depth, isList]) => (draft) => {
    const [open, close] = isList ? ["[", "]"] : [`{"a":`, "}"];
    draft[part].push([`"deep${draft[part].length}"`, `${open.repeat(depth)}1${close.repeat(depth)}`]);
    draft.kinds.add("depth");
  }),
  fc.tuple(parts, fc.constantFrom("[]", "null", "1", `"x"`, "", "{", "{}{}", "{,}", "{\"a\":1,}", "{'a':1}", " ")).map(([part, text]) => (draft) => {
    draft.bytes[part].push(() => Buffer.from(text));
    draft.kinds.add("json");
  }),
  parts.map((part) => (draft) => {
    draft.bytes[part].push((bytes) => Buffer.from(`[${bytes.toString()}]`));
    draft.kinds.add("json");
  }),
  fc.tuple(parts, fc.constantFrom(" ", "\n", "\t\r\n ")).map(([part, space]) => (draft) => {
    draft.bytes[part].push((bytes) => Buffer.from(space + bytes.toString().replaceAll(":", `${space}:${space}`).replaceAll(`"${space}:${space}//`, `"://`) + space));
    draft.kinds.add("json");
  }),
  fc.tuple(parts, fc.constantFrom("\ufeff", "\0", "\u2028", "x")).map(([part, text]) => (draft) => {
    draft.bytes[part].push((bytes) => Buffer.concat([Buffer.from(text), bytes]));
    draft.kinds.add("bytes");
  }),
  fc.tuple(parts, fc.uint8Array({ minLength: 1, maxLength: 3 }), fc.nat()).map(([part, junk, at]) => (draft) => {
    draft.bytes[part].push((bytes) => Buffer.concat([bytes.subarray(0, at % bytes.length), junk, bytes.subarray(at % bytes.length)]));
    draft.kinds.add("bytes");
  }),
  fc.constantFrom("other" as const, "hmac" as const, "nobody" as const).map((signer) => (draft) => {
    draft.signer = signer;
    draft.kinds.add("signature");
  }),
  fc.nat().map((bit) => (draft) => {
    draft.signature.push((bytes) => {
      const flipped = Buffer.from(bytes);
      const at = bit % Math.max(1, flipped.length * 8);
      if (flipped.length > 0) flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
      return flipped;
    });
    draft.kinds.add("signature");
  }),
  fc.constantFrom<(bytes: Buffer) => Buffer>(
    () => Buffer.alloc(0), (bytes) => bytes.subarray(1), (bytes) => bytes.subarray(0, -1), (bytes) => Buffer.alloc(bytes.length),
    (bytes) => Buffer.alloc(bytes.length, 0xff), (bytes) => Buffer.concat([bytes, bytes]), (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
    (bytes) => Buffer.from(bytes.toReversed()),
  ).map((change) => (draft) => {
    draft.signature.push(change);
    draft.kinds.add("signature");
  }),
];

const characters = fc.constantFrom(...Array.from("ABab01-_+/=. \n\t%\0éＡ\u0101{\"\u{1f600}"), "%2E");

const text: fc.Arbitrary<Mutation>[] = [
  fc.tuple(fc.nat(), characters, fc.constantFrom("insert", "replace", "delete")).map(([at, character, how]) => (draft) => {
    draft.text.push((token) => {
      const start = at % (token.length + 1);
      return token.slice(0, start) + (how === "delete" ? "" : character) + token.slice(how === "insert" ? start : start + 1);
    });
    draft.kinds.add("spelling").add("parts");
  }),
  // The last character of a part, the one that has bits to spare.
  fc.tuple(fc.nat(2), fc.nat(63)).map(([part, step]) => (draft) => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    draft.text.push((token) => token.split(".").map((old, i) => {
      const value = alphabet.indexOf(old.at(-1) ?? "");
      return i === part && value >= 0 ? old.slice(0, -1) + (alphabet[value ^ step] ?? "") : old;
    }).join("."));
    draft.kinds.add("spelling");
  }),
  fc.constantFrom<(token: string) => string>(
    (token) => `${token}.`, (token) => `.${token}`, (token) => `${token}.${token}`, (token) => token.split(".").toReversed().join("."),
    (token) => token.split(".").slice(0, 2).join("."), (token) => token.replaceAll(".", ".."), (token) => token.replace(".", ""),
    (token) => token.replace(/\.[^.]*\./, ".."), (token) => `${token}\n`, (token) => ` ${token}`, (token) => `Bearer ${token}`,
    (token) => token.toUpperCase(), (token) => token + token, () => "", () => "..", (token) => encodeURIComponent(`${token}=`),
    (token) => token.replaceAll("-", "+").replaceAll("_", "/"), (token) => `${token}==`, (token) => token.split(".").map((part) => `${part}=`).join("."),
  ).map((change) => (draft) => {
    draft.text.push(change);
    draft.kinds.add("spelling").add("parts");
  }),
];

/** One to three mutations, mostly of the structure. */
export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.oneof({ weight: 4, arbitrary: fc.oneof(...structure) }, { weight: 1, arbitrary: fc.oneof(...text) }),
  { minLength: 0, maxLength: 3 },
);
