/** Hashes that other systems made. Each reader gives null for what is not of its form, or would cost too much to check. */

export type ForeignHash =
  | { readonly kind: "argon2" }
  | { readonly kind: "bcrypt"; readonly hash: string }
  | {
      readonly kind: "scrypt";
      readonly N: number;
      readonly r: number;
      readonly p: number;
      readonly salt: Buffer;
      readonly key: Buffer;
    }
  | {
      readonly kind: "pbkdf2";
      readonly digest: Digest;
      readonly iterations: number;
      readonly salt: Buffer;
      readonly key: Buffer;
    };

type Digest = "sha1" | "sha256" | "sha512";

/** More than any system asks for by default; a single login must not take seconds or gigabytes. */
const MOST = { bcryptCost: 15, iterations: 5_000_000, memoryBytes: 256 * 1024 * 1024, passes: 20, lanes: 16 };
/** In bytes. A shorter key would match by chance. */
const KEY = { min: 16, max: 128 };

export function readForeignHash(stored: string): ForeignHash | null {
  return readArgon2(stored) ?? readBcrypt(stored) ?? readScrypt(stored) ?? readPbkdf2(stored);
}

function readArgon2(stored: string): ForeignHash | null {
  const found = /^\$argon2(?:id|i|d)\$v=(?:16|19)\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]{11,})\$([A-Za-z0-9+/]{22,})$/.exec(
    stored,
  );
  if (found === null) return null;
  const [memory = 0, passes = 0, lanes = 0] = found.slice(1, 4).map(Number);
  const fits = memory * 1024 <= MOST.memoryBytes && passes >= 1 && passes <= MOST.passes && lanes >= 1 && lanes <= MOST.lanes;
  return fits && memory >= 8 * lanes ? { kind: "argon2" } : null;
}

/** `$2y$` is what PHP calls `$2b$`. */
function readBcrypt(stored: string): ForeignHash | null {
  const [, cost, rest] = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{53})$/.exec(stored) ?? [];
  if (cost === undefined || Number(cost) < 4 || Number(cost) > MOST.bcryptCost) return null;
  return { kind: "bcrypt", hash: `$2b$${cost}$${rest}` };
}

/**
 * `$scrypt$ln=15,r=8,p=1$salt$key` (PHC, passlib), `scrypt:32768:8:1$salt$hex` (Werkzeug, whose salt is text), or
 * `salt:key`, both of them hexadecimal digits (better-auth, which takes the salt's digits as text).
 */
function readScrypt(stored: string): ForeignHash | null {
  const [, digits, hex = ""] = /^([\da-f]{32}):([\da-f]{128})$/.exec(stored) ?? [];
  if (digits !== undefined) {
    return { kind: "scrypt", N: 16_384, r: 16, p: 1, salt: Buffer.from(digits), key: Buffer.from(hex, "hex") };
  }
  const phc = /^\$scrypt\$ln=(\d\d?),r=(\d{1,3}),p=(\d{1,3})\$([^$]+)\$([^$]+)$/.exec(stored);
  const werkzeug = /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3})\$([^$]+)\$([\da-f]+)$/.exec(stored);
  const [, cost = "", r = "", p = "", salt = "", key = ""] = phc ?? werkzeug ?? [];
  const N = phc === null ? Number(cost) : 2 ** Number(cost);
  const fits = Number.isInteger(Math.log2(N)) && N >= 2 && 128 * N * Number(r) <= MOST.memoryBytes && Number(p) <= MOST.lanes;
  if (!fits || Number(r) < 1 || Number(p) < 1) return null;
  const bytes = phc === null ? Buffer.from(key, "hex") : fromBase64(key);
  if (!isKey(bytes)) return null;
  return { kind: "scrypt", N, r: Number(r), p: Number(p), salt: phc === null ? Buffer.from(salt) : fromBase64(salt), key: bytes };
}

/**
 * `$pbkdf2-sha256$i=600000$salt$key` (PHC), `$pbkdf2-sha256$29000$salt$key` (passlib), `pbkdf2_sha256$260000$salt$key`
 * (Django, whose salt is text) or `pbkdf2:sha256:260000$salt$hex` (Werkzeug, likewise).
 */
function readPbkdf2(stored: string): ForeignHash | null {
  const phc = /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,9})(?:,l=\d+)?\$([^$]+)\$([^$]+)$/.exec(stored);
  const text = /^pbkdf2[_:](sha1|sha256|sha512)[$:](\d{1,9})\$([^$]+)\$([^$]+)$/.exec(stored);
  const [, digest = "sha1", count = "", salt = "", key = ""] = phc ?? text ?? [];
  const iterations = Number(count);
  if (iterations < 1 || iterations > MOST.iterations) return null;
  const bytes = stored.startsWith("pbkdf2:") ? Buffer.from(key, "hex") : fromBase64(key);
  if (!isKey(bytes)) return null;
  return {
    kind: "pbkdf2",
    digest: digest as Digest,
    iterations,
    salt: phc === null ? Buffer.from(salt) : fromBase64(salt),
    key: bytes,
  };
}

/** passlib writes `.` where others write `+`. */
function fromBase64(text: string): Buffer {
  return Buffer.from(text.replaceAll(".", "+"), "base64");
}

function isKey(bytes: Buffer): boolean {
  return bytes.length >= KEY.min && bytes.length <= KEY.max;
}
