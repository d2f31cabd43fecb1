/**
 * The two forms of an ECDSA signature: R and S side by side, each of the curve's length (RFC 7518 §3.4), as tokens have
 * it, and a DER sequence of two integers (RFC 3279 §2.2.3), as OpenSSL does.
 *
 * Node can translate too (`dsaEncoding`), but asks OpenSSL for the curve's parameters each time, which takes a quarter
 * as long as the signature itself. What R and S may be is left to OpenSSL: this is only about their form.
 */

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** DER of an R‖S of any even length. */
export function rawToDer(raw: Uint8Array): Buffer {
  const half = raw.length / 2;
  const [r, s] = [firstByte(raw, 0, half), firstByte(raw, half, raw.length)];
  const [rPad, sPad] = [isHigh(raw, r), isHigh(raw, s)];
  const rLength = half - r + rPad;
  const sLength = raw.length - s + sPad;
  const length = rLength + sLength + 4;
  const long = length > 0x7f ? 1 : 0;

  const der = Buffer.allocUnsafe(2 + long + length);
  let at = 0;
  der[at++] = SEQUENCE;
  if (long) der[at++] = 0x81;
  der[at++] = length;
  at = writeInteger(der, at, raw.subarray(r, half), rPad);
  writeInteger(der, at, raw.subarray(s), sPad);
  return der;
}

/** R‖S of a DER signature that OpenSSL has made, each `coordinateBytes` long. */
export function derToRaw(der: Uint8Array, coordinateBytes: number): Buffer {
  const raw = Buffer.alloc(2 * coordinateBytes);
  const start = der[1] === 0x81 ? 3 : 2;
  const next = readInteger(der, start, raw, coordinateBytes);
  readInteger(der, next, raw, 2 * coordinateBytes);
  return raw;
}

/** Where a number from `start` to `end` begins without its leading zeros; zero keeps its last byte. */
function firstByte(raw: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end - 1 && raw[at] === 0) at++;
  return at;
}

/** 1 if the byte would make a DER integer negative, so that it needs a zero in front. */
function isHigh(raw: Uint8Array, at: number): 0 | 1 {
  return (raw[at] ?? 0) >= 0x80 ? 1 : 0;
}

function writeInteger(der: Buffer, start: number, value: Uint8Array, pad: 0 | 1): number {
  let at = start;
  der[at++] = INTEGER;
  der[at++] = value.length + pad;
  if (pad) der[at++] = 0;
  der.set(value, at);
  return at + value.length;
}

/** Writes the integer at `start` into `raw` so that it ends before `end`; returns where the next one starts. */
function readInteger(der: Uint8Array, start: number, raw: Buffer, end: number): number {
  const next = start + 2 + (der[start + 1] ?? 0);
  const first = firstByte(der, start + 2, next);
  raw.set(der.subarray(first, next), end - (next - first));
  return next;
}
