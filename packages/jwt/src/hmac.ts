/**
 * HMAC (RFC 2104) as two one-shot hashes.
 *
 * `createHmac` spends most of its time on setting up a context before the first byte. Two calls of `hash` over a
 * prepared buffer give the same bytes in about half the time; test/primitives.test.ts holds them equal.
 */
import { hash, timingSafeEqual } from "node:crypto";

import type { AlgorithmSpec, Sign, Verify } from "./algorithms.ts";

/** How a secret signs and verifies. */
export function hmacWith(spec: AlgorithmSpec, secret: Uint8Array): { sign: Sign; verify: Verify } {
  const hashName = spec.hash ?? "sha512";
  const blockBytes = spec.hashBytes === 32 ? 64 : 128;
  const key = secret.length > blockBytes ? hash(hashName, secret, "buffer") : secret;

  // Calls are synchronous, so one buffer of each kind serves them all. Both inputs open with the padded key.
  let inner = padded(key, 0x36, blockBytes, 2048);
  const outer = padded(key, 0x5c, blockBytes, spec.hashBytes);
  const expected = Buffer.alloc(spec.hashBytes);

  const mac = (input: string, encoding: "base64url" | "binary"): string => {
    const length = blockBytes + input.length;
    if (length > inner.length) inner = padded(key, 0x36, blockBytes, 2 * input.length);
    inner.write(input, blockBytes, "latin1");
    // As a binary string because a new Buffer for each digest would cost as much as the hash.
    outer.write(hash(hashName, inner.subarray(0, length), "binary"), blockBytes, "latin1");
    return hash(hashName, outer, encoding);
  };
  return {
    sign: (input) => mac(input, "base64url"),
    verify: (input, signature) => {
      if (signature.length !== spec.hashBytes) return false;
      expected.write(mac(input, "binary"), "latin1");
      return timingSafeEqual(expected, signature);
    },
  };
}

/** A buffer of one block, the key XORed with `pad`, and room for `size` bytes behind it. */
function padded(key: Uint8Array, pad: number, blockBytes: number, size: number): Buffer {
  const buffer = Buffer.alloc(blockBytes + size);
  buffer.fill(pad, 0, blockBytes);
  for (let i = 0; i < key.length; i++) buffer[i] = pad ^ (key[i] ?? 0);
  return buffer;
}
