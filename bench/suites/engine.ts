/**
 * The token engine: sign, verify cold (no token is seen twice while it could be remembered) and verify hot.
 *
 * `npm run bench -- engine [--algorithm HS256,ES256] [--only ostiary,jose] [--rounds 15] [--quick]`
 */
import type { Algorithm } from "@ostiary/jwt";
import { type Contender, measure } from "../measure.ts";
import type { Line, Part, Plot } from "../results/part.ts";
import type { Run, Suite } from "../suite.ts";
import { makeClaims, makeMaterial, makeTokens, type Material } from "./engine/material.ts";
import { classic, cryptoAndParse, fast, ours, panva, type Peer, rust } from "./engine/peers.ts";

const COLD_TOKENS = 20_000;
const ALGORITHMS = "HS256,RS256,ES256,Ed25519";
const FLOORS = ["crypto + parse", "bare crypto"];

interface Operation {
  readonly name: string;
  readonly title: string;
  readonly contenders: (material: Material) => Contender[];
  /** The only algorithm, where another makes no difference. */
  readonly algorithm?: Algorithm;
}

const OPERATIONS: readonly Operation[] = [
  { name: "sign", title: "Sign", contenders: signers },
  { name: "cold", title: "Verify, each token for the first time", contenders: (material) => coldVerifiers(material, makeTokens(material, COLD_TOKENS)) },
  { name: "hot", title: "Verify again, 1,000 tokens in use", contenders: (material) => hotVerifiers(material, 1000) },
  { name: "hot-many", title: "Verify again, 100,000 tokens in use", contenders: (material) => hotVerifiers(material, 100_000), algorithm: "HS256" },
];

export const suite: Suite = {
  seconds: 110,
  versions: ["fast-jwt", "jose", "jsonwebtoken", "@node-rs/jsonwebtoken"],
  options: { algorithm: { type: "string" } },
  async run(run) {
    const algorithms = (run.option("algorithm") ?? ALGORITHMS).split(",") as Algorithm[];
    run.steps.expect(OPERATIONS.reduce((sum, { algorithm }) => sum + (algorithm === undefined ? algorithms.length : 1), 0));
    const parts = [];
    for (const operation of OPERATIONS) {
      const { algorithm } = operation;
      parts.push(await measureOperation(run, operation, algorithm === undefined ? algorithms : [algorithm]));
    }
    return parts;
  },
};

async function measureOperation(run: Run, { name, title, contenders }: Operation, algorithms: readonly Algorithm[]): Promise<Part> {
  const options = { rounds: run.number("rounds", 15, 5), batchMilliseconds: run.quick ? 20 : 50 };
  const lines = new Map<string, Line>();
  for (const algorithm of algorithms) {
    run.steps.step(`${title.toLowerCase()}, ${algorithm}`);
    const wanted = contenders(makeMaterial(algorithm)).filter(({ name: line }) => FLOORS.includes(line) || run.isWanted(line));
    for (const result of await measure(wanted, options)) {
      const samples = { ...lines.get(result.name)?.samples, [algorithm]: result.samples };
      lines.set(result.name, { name: result.name, kind: kindOf(result.name), samples });
    }
  }
  return {
    name,
    title,
    method: `Nanoseconds of CPU time for one, ${options.rounds} rounds of ${options.batchMilliseconds} ms in turn; in brackets the least and the greatest`,
    columns: algorithms.map((algorithm) => ({ title: algorithm, of: algorithm, digits: 0, spread: true })),
    lines: [...lines.values()],
    plot: plotOf(title, algorithms),
  };
}

function kindOf(name: string): Line["kind"] {
  return FLOORS.includes(name) ? "floor" : name.startsWith("ostiary") ? "ours" : "peer";
}

/** Algorithms have nothing to do with each other: a scale for each. */
function plotOf(title: string, algorithms: readonly Algorithm[]): Plot {
  return {
    title,
    subtitle: "Nanoseconds of CPU time. Median of the rounds, from the least to the greatest; shorter is better.",
    panels: algorithms.map((algorithm) => ({ title: algorithm, of: algorithm })),
    digits: 0,
    unit: " ns",
  };
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

function hotVerifiers(material: Material, count: number): Contender[] {
  const tokens = makeTokens(material, count);
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
