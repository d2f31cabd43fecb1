/**
 * The token engine: sign, verify cold (no token is seen twice while it could be remembered) and verify hot.
 *
 * `npm run bench -- engine [HS256 RS256 ...] [--quick]`
 */
import type { Algorithm } from "@ostiary/jwt";

import { type Contender, measure } from "../measure.ts";
import { printTable } from "../report.ts";
import { makeClaims, makeMaterial, makeTokens, type Material } from "./engine/material.ts";
import { classic, cryptoAndParse, fast, ours, panva, type Peer, rust } from "./engine/peers.ts";

const COLD_TOKENS = 20_000;
const HOT_TOKENS = [1_000, 100_000];

export async function run(args: string[]): Promise<void> {
  const isQuick = args.includes("--quick");
  const named = args.filter((arg) => !arg.startsWith("--")) as Algorithm[];
  const algorithms: Algorithm[] = named.length > 0 ? named : ["HS256", "RS256", "ES256", "Ed25519"];
  const options = isQuick ? { rounds: 5, batchMilliseconds: 20 } : { rounds: 15, batchMilliseconds: 60 };
  for (const algorithm of algorithms) {
    const material = makeMaterial(algorithm);
    printTable(`sign ${algorithm}`, await measure(signers(material), options), "crypto + parse");
    const tokens = makeTokens(material, COLD_TOKENS);
    printTable(`verify cold ${algorithm}`, await measure(coldVerifiers(material, tokens), options), "crypto + parse");
    for (const count of HOT_TOKENS) {
      const title = `verify hot ${algorithm}, ${count.toLocaleString("en")} tokens`;
      const contenders = hotVerifiers(material, makeTokens(material, count), count);
      printTable(title, await measure(contenders, options), "fast-jwt, cache on");
    }
  }
}

function signers(material: Material): Contender[] {
  const claims = Array.from({ length: 1000 }, (_, i) => makeClaims(i));
  const peers = [ours(material, false), fast(material, false), classic(material), panva(material), rust(material), cryptoAndParse(material)];
  const { bare } = material;
  const input = makeTokens(material, 1)[0]?.toString("latin1").split(".").slice(0, 2).join(".") ?? "";
  return [
    ...peers.flatMap(({ name, isAsync = false, sign }): Contender[] =>
      sign ? [{ name, isAsync, run: (i) => sign(claims[i % 1000] ?? {}) }] : [],
    ),
    { name: "bare crypto", run: () => bare.sign(input) },
  ];
}

function coldVerifiers(material: Material, tokens: Buffer[]): Contender[] {
  const cached = { ...ours(material, { maxTokens: 5000 }), name: "ostiary, cache on, all missed" };
  const fastCached = { ...fast(material, 5000), name: "fast-jwt, cache on, all missed" };
  const peers = [
    ours(material, false), cached, fast(material, false), fastCached, classic(material), panva(material), rust(material),
    cryptoAndParse(material),
  ];
  const { bare } = material;
  const split = tokens.map((bytes) => {
    const end = bytes.lastIndexOf(".");
    return { input: bytes.subarray(0, end), signature: Buffer.from(bytes.toString("latin1", end + 1), "base64url") };
  });
  return [
    ...verifiers(peers, tokens),
    {
      name: "bare crypto",
      run: (i) => {
        const { input, signature } = split[i % split.length] ?? { input: Buffer.alloc(0), signature: Buffer.alloc(0) };
        return bare.verify(input, signature);
      },
    },
  ];
}

function hotVerifiers(material: Material, tokens: Buffer[], count: number): Contender[] {
  const maxTokens = 2 * count + 2;
  const peers = [ours(material, { maxTokens }), fast(material, maxTokens), classic(material)];
  const contenders = verifiers(peers, tokens);
  for (const { name, run } of contenders) {
    if (name.includes("cache")) tokens.forEach((_, i) => run(i));
  }
  return contenders;
}

function verifiers(peers: readonly Peer[], tokens: readonly Buffer[]): Contender[] {
  return peers.flatMap(({ name, isAsync = false, verify }): Contender[] => {
    if (!verify) return [];
    return [{ name, isAsync, run: (i) => verify(tokens[i % tokens.length]?.toString("latin1") ?? "") }];
  });
}
