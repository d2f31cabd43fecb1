/**
 * What an Ed25519 public key must be as a point (RFC 8032 §5.1.3): OpenSSL takes any 32 bytes for one.
 *
 * The curve is -x² + y² = 1 + d x² y² modulo p. A key is y in 255 bits, lowest byte first, and a bit for the sign of x.
 * Nothing secret is computed here, so nothing has to take the same time.
 */

const P = 2n ** 255n - 19n;
/** -121665/121666 modulo p. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** What is wrong with the point, as the end of a sentence about it, or undefined. */
export function findPointFault(publicKey: Uint8Array): string | undefined {
  const bits = BigInt(`0x${Buffer.from(publicKey.toReversed()).toString("hex")}`);
  const y = bits & (2n ** 255n - 1n);
  if (y >= P) return "is not in its canonical form";
  const y2 = (y * y) % P;
  if (isSmallOrder(y2)) return "is one of the few for which anybody can make signatures";
  // x² is (y² - 1) / (d y² + 1); a product is a square if and only if the quotient is.
  const square = ((y2 - 1n) * (D * y2 + 1n)) % P;
  return power(square, (P - 1n) / 2n) === 1n ? undefined : "is not on its curve";
}

/**
 * Whether eight times the point A is zero. A signature is right if S·B = R + h·A: with such a key, h·A is one of at most
 * eight points, so that anybody finds an R and S for every eighth text, or, if y = 1, for all.
 *
 * Points of order 1 and 2 have x = 0, those of order 4 y = 0, and those of order 8 x² = -y², because twice them has y = 0.
 */
function isSmallOrder(y2: bigint): boolean {
  return y2 === 0n || y2 === 1n || (D * y2 * y2 + 2n * y2) % P === 1n;
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
