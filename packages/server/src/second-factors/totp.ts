import type { SecondFactorDeps } from "./second-factors.ts";

/** What every authenticator app takes: others ignore the parameters that would say otherwise. */
const FORM = { algorithm: "SHA1", digits: 6, period: 30 } as const;
const SECRET_BYTES = 20;
/** The step before and the one after: clocks differ, and people type slowly (RFC 6238 §5.2). */
const WINDOW = 1;

/** Loaded when the first code is made or looked at: most starts of the server need none. */
const load = () => import("otpauth");

export interface NewTotp {
  /** Base32, for people who cannot scan. */
  readonly secret: string;
  /** What a QR code shows. */
  readonly uri: string;
  readonly bytes: Uint8Array;
}

export async function newTotp({ random, name }: Pick<SecondFactorDeps, "random" | "name">, label: string): Promise<NewTotp> {
  const { Secret, TOTP } = await load();
  const bytes = random.bytes(SECRET_BYTES);
  const secret = new Secret({ buffer: bytes.slice().buffer });
  // A colon ends the issuer in the label.
  const totp = new TOTP({ ...FORM, issuer: name.replaceAll(":", " "), label, secret });
  return { secret: secret.base32, uri: totp.toString(), bytes };
}

/** The step that a code is of, if it is later than `lastStep`; null if it is wrong or has been used. */
export async function stepOf(bytes: Uint8Array, typed: string, { lastStep, now }: { lastStep: number; now: number }): Promise<number | null> {
  const token = typed.replaceAll(/\s/g, "");
  if (!/^\d{6}$/.test(token)) return null;
  const { Secret, TOTP } = await load();
  const totp = new TOTP({ ...FORM, secret: new Secret({ buffer: bytes.slice().buffer }) });
  const delta = totp.validate({ token, timestamp: now, window: WINDOW });
  const step = delta === null ? null : totp.counter({ timestamp: now }) + delta;
  return step !== null && step > lastStep ? step : null;
}

/** What a secret is sealed for: it opens for nobody else. */
export function totpContext(userId: string): string {
  return `totp:${userId}`;
}
