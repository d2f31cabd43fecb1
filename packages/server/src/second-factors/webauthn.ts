import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import type { User } from "../users/user.ts";
import { PENDING_SECONDS } from "./pending.ts";
import type { Passkey } from "./second-factor-store.ts";
import type { SecondFactorDeps } from "./second-factors.ts";

export type { AuthenticationResponseJSON, PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON, RegistrationResponseJSON };

/** Loaded with the first passkey: it takes a while, and a server's start should not. */
const load = () => import("@simplewebauthn/server");

/** EdDSA, ES256 and RS256: what authenticators make. Named, or the library asks the runtime for one that is an experiment. */
const ALGORITHMS = [-8, -7, -257];

const CHALLENGE_BYTES = 32;
const TIMEOUT_MS = PENDING_SECONDS * 1000;

export function newChallenge({ random }: Pick<SecondFactorDeps, "random">): string {
  return Buffer.from(random.bytes(CHALLENGE_BYTES)).toString("base64url");
}

/** What the browser is told to ask the authenticator for. */
export async function creationOptions(
  { passkeys: { rpId }, name }: Pick<SecondFactorDeps, "passkeys" | "name">,
  user: Pick<User, "id" | "email" | "name">,
  existing: readonly Passkey[],
  challenge: string,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await load();
  return generateRegistrationOptions({
    rpName: name,
    rpID: rpId,
    userID: bytesOf(user.id, "utf8"),
    userName: user.email,
    userDisplayName: user.name ?? user.email,
    challenge: bytesOf(challenge, "base64url"),
    timeout: TIMEOUT_MS,
    // Whose make it is is nobody's business here.
    attestationType: "none",
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: existing.map(({ id, transports }) => ({ id, transports: [...transports] })),
    authenticatorSelection: { residentKey: "required", userVerification: "preferred" },
  });
}

/** `allowed`: the passkeys of somebody who has said who they are; null for whoever has one. */
export async function requestOptions(
  { passkeys: { rpId } }: Pick<SecondFactorDeps, "passkeys">,
  allowed: readonly Passkey[] | null,
  challenge: string,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await load();
  return generateAuthenticationOptions({
    rpID: rpId,
    challenge: bytesOf(challenge, "base64url"),
    timeout: TIMEOUT_MS,
    // Alone it has to be two factors: something one has, unlocked by something one is or knows.
    userVerification: allowed === null ? "required" : "preferred",
    ...(allowed === null ? {} : { allowCredentials: allowed.map(({ id, transports }) => ({ id, transports: [...transports] })) }),
  });
}

export type NewCredential = Pick<Passkey, "id" | "publicKey" | "counter" | "transports" | "deviceType" | "backedUp" | "userVerified">;

/** The passkey that an authenticator has made for this challenge, here; null if it is not that. */
export async function verifyCreation(
  { passkeys: { rpId, origins } }: Pick<SecondFactorDeps, "passkeys">,
  response: RegistrationResponseJSON,
  challenge: string,
): Promise<NewCredential | null> {
  const { verifyRegistrationResponse } = await load();
  if (!(await isUnattested(response))) return null;
  const expected = { expectedChallenge: challenge, expectedOrigin: [...origins], expectedRPID: rpId, requireUserVerification: false, supportedAlgorithmIDs: ALGORITHMS };
  const { registrationInfo } = await verifyRegistrationResponse({ response, ...expected }).catch(() => ({ registrationInfo: undefined }));
  if (registrationInfo === undefined) return null;
  const { credential, credentialDeviceType, credentialBackedUp, userVerified } = registrationInfo;
  const { id, publicKey, counter } = credential;
  // What it says is kept for itself, and sent back to its browser alone; but not without bound.
  const transports = (response.response.transports ?? []).filter((one) => /^[a-z-]{1,20}$/.test(one)).slice(0, 8);
  return { id, publicKey, counter, transports, deviceType: credentialDeviceType, backedUp: credentialBackedUp, userVerified };
}

/** What an authenticator has signed for this challenge, here, with this passkey; null if it is not that. */
export async function verifyRequest(
  { passkeys: { rpId, origins } }: Pick<SecondFactorDeps, "passkeys">,
  passkey: Passkey,
  response: AuthenticationResponseJSON,
  { challenge, alone }: { challenge: string; alone: boolean },
): Promise<{ readonly counter: number; readonly backedUp: boolean } | null> {
  const { verifyAuthenticationResponse } = await load();
  const verified = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: [...origins],
    expectedRPID: rpId,
    requireUserVerification: alone,
    // That its count has grown is seen where it is written, so that nobody comes in between.
    credential: { id: passkey.id, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
  }).catch(() => null);
  if (verified === null || !verified.verified) return null;
  const { newCounter, credentialBackedUp } = verified.authenticationInfo;
  return { counter: newCounter, backedUp: credentialBackedUp };
}

/**
 * None is asked for, and browsers send none, or the key's own signature. Certificates are not even looked at: they name
 * addresses of lists of revoked ones, which this server would be sent to.
 */
async function isUnattested(response: RegistrationResponseJSON): Promise<boolean> {
  const { decodeAttestationObject } = await import("@simplewebauthn/server/helpers");
  try {
    const decoded = decodeAttestationObject(bytesOf(response.response.attestationObject, "base64url"));
    const format = decoded.get("fmt");
    return format === "none" || (format === "packed" && decoded.get("attStmt").get("x5c") === undefined);
  } catch {
    return false; // It is no such object.
  }
}

function bytesOf(text: string, encoding: "utf8" | "base64url"): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, encoding));
}
