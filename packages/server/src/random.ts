import { randomBytes, randomUUIDv7 } from "node:crypto";

/** The source of everything unguessable; passed in, so that faults can be staged in tests. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** A UUID that sorts by time (RFC 9562 §5.7). */
  uuid(): string;
}

export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  uuid: () => randomUUIDv7(),
};

/** So many random bytes in base64url: no character that a form, an address or a header would have to escape. */
export function randomText(random: Pick<Random, "bytes">, bytes: number): string {
  return Buffer.from(random.bytes(bytes)).toString("base64url");
}
