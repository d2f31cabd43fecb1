/**
 * Of the libraries that only bench/node_modules has, what is used here: so that `npm run check` can look at the
 * benchmarks without installing them. These count before a library's own declarations.
 */
declare module "fast-jwt" {
  type Algorithm = "HS256" | "RS256" | "ES256" | "EdDSA";
  interface VerifierOptions {
    key: string | Buffer;
    algorithms: Algorithm[];
    allowedIss: string;
    allowedAud: string;
    cache: number | false;
  }
  interface SignerOptions {
    key: string | Buffer;
    algorithm: Algorithm;
    iss: string;
    aud: string;
    expiresIn: number;
    kid: string;
  }
  const fastJwt: {
    createVerifier(options: VerifierOptions): (token: string) => unknown;
    createSigner(options: SignerOptions): (claims: Record<string, unknown>) => string;
  };
  export default fastJwt;
}

declare module "@node-rs/jsonwebtoken" {
  export type Algorithm = "HS256" | "RS256" | "ES256" | "EdDSA";
  export function verifySync(
    token: string,
    key: string | Buffer,
    validation: { algorithms: Algorithm[]; iss: string[]; aud: string[] },
  ): unknown;
  export function signSync(
    claims: Record<string, unknown>,
    key: string | Buffer,
    header: { algorithm: Algorithm; keyId: string },
  ): string;
}

declare module "rolldown" {
  export function rolldown(options: { input: string; external: RegExp[]; platform: "node" }): Promise<{
    generate(options: { format: "esm"; minify: boolean }): Promise<{ output: [{ code: string }] }>;
  }>;
}

declare module "undici" {
  export class Pool {
    constructor(origin: string, options?: { connections: number; pipelining: number; headersTimeout?: number; bodyTimeout?: number });
    request(options: {
      path: string;
      method: "GET" | "POST";
      headers: Record<string, string>;
      body?: string;
    }): Promise<{ statusCode: number; headers: Record<string, string | string[] | undefined>; body: { json(): Promise<unknown>; text(): Promise<string>; dump(): Promise<void> } }>;
    close(): Promise<void>;
    destroy(): Promise<void>;
  }
}
