/** The bodies of second steps and second factors. What a passkey answers is JSON as the browser makes it (WebAuthn §5.1). */
import { z } from "zod";
import { PASSKEY_NAME_MAX } from "../second-factors/add-factor.ts";
import type { Passkey } from "../second-factors/second-factor-store.ts";
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "../second-factors/webauthn.ts";
import { isShownText } from "../users/shown-text.ts";
import { errorResponseBody, loginRequest } from "./fields.ts";

const time = z.iso.datetime();
const { remember, delivery } = loginRequest.shape;
const expiresIn = z.int().meta({ description: "Seconds until it is over." });
/** What is ours is shorter. */
const token = z.string("is required").min(1, "must not be empty").max(200, "is none");
const typed = z.string("is required").max(100, "must have at most 100 characters");
const name = z
  .string("must be a text")
  .transform((value) => value.trim())
  .pipe(
    z
      .string()
      .min(1, "must not be empty")
      .max(PASSKEY_NAME_MAX, `must have at most ${PASSKEY_NAME_MAX} characters`)
      .refine(isShownText, "must not contain control or broken characters"),
  );

/** The parts that are read; the rest is left to who verifies it. */
const base64 = z.string("must be base64url").max(20_000, "is too long").regex(/^[\w-]*$/, "must be base64url");
const credential = {
  id: base64.max(2000, "is too long"),
  rawId: base64,
  type: z.string(),
  authenticatorAttachment: z.string().nullish(),
  clientExtensionResults: z.looseObject({}).optional(),
};
const assertion = z.object({
  ...credential,
  response: z.object({ clientDataJSON: base64, authenticatorData: base64, signature: base64, userHandle: base64.nullish() }),
});
const attestation = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64,
    attestationObject: base64,
    transports: z.array(z.string()).max(20, "must be at most 20").optional(),
  }),
});

export const secondStepRequest = z.object({
  mfaToken: token,
  code: typed.optional(),
  recoveryCode: typed.optional(),
  passkey: assertion.optional(),
});
export const secondStepPasskeyRequest = z.object({ mfaToken: token });
export const passkeySignInRequest = z.object({ passkeyToken: token, passkey: assertion, remember, delivery });
export const confirmTotpRequest = z.object({ enrolmentToken: token, code: typed });
export const addPasskeyRequest = z.object({ passkeyToken: token, passkey: attestation, name: name.optional() });
export const renamePasskeyRequest = z.object({ name });

const options = z
  .looseObject({})
  .meta({ description: "As `PublicKeyCredential.parseRequestOptionsFromJSON` or `parseCreationOptionsFromJSON` takes it." });
const codes = z.array(z.string());
const codesOrNull = codes.nullable().meta({ description: "With the first factor, to be shown once; else null." });
const passkey = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: time,
  lastUsedAt: time.nullable(),
  backedUp: z.boolean(),
});

export const mfaRequiredResponse = errorResponseBody.extend({
  mfaToken: z.string().meta({ description: "With `mfa_required`: names the sign-in that waits." }).optional(),
  methods: z.array(z.enum(["passkey", "otp", "recovery"])).optional(),
  expiresIn: expiresIn.optional(),
});
export const optionsResponse = z.object({ options });
export const passkeyQuestionResponse = z.object({ options, passkeyToken: z.string(), expiresIn });
export const factorsResponse = z.object({ totp: z.boolean(), passkeys: z.array(passkey), recoveryCodesLeft: z.int() });
export const totpResponse = z.object({
  secret: z.string().meta({ description: "Base32." }),
  uri: z.string().meta({ description: "What a QR code shows: `otpauth://totp/…`." }),
  enrolmentToken: z.string(),
  expiresIn,
});
export const newCodesResponse = z.object({ recoveryCodes: codesOrNull });
export const codesResponse = z.object({ recoveryCodes: codes });
export const newPasskeyResponse = z.object({ passkey, recoveryCodes: codesOrNull });
export const passkeyResponse = z.object({ passkey });

export function toPasskeyBody({ id, name: named, createdAt, lastUsedAt, backedUp }: Passkey): z.output<typeof passkey> {
  const lastUsed = lastUsedAt === null ? null : new Date(lastUsedAt).toISOString();
  return { id, name: named, createdAt: new Date(createdAt).toISOString(), lastUsedAt: lastUsed, backedUp };
}

/** What browsers leave out is undefined, and what some polyfills send in its place is null. */
export function toAssertion({ response, ...parsed }: z.output<typeof assertion>): AuthenticationResponseJSON {
  const { userHandle, ...rest } = response;
  return {
    ...essence(parsed),
    response: { ...rest, ...(userHandle === undefined || userHandle === null ? {} : { userHandle }) },
  };
}

export function toAttestation({ response, ...parsed }: z.output<typeof attestation>): RegistrationResponseJSON {
  const { transports, ...rest } = response;
  return { ...essence(parsed), response: { ...rest, ...(transports === undefined ? {} : { transports }) } };
}

function essence({ id, rawId, type }: { id: string; rawId: string; type: string }) {
  return { id, rawId, type: type as "public-key", clientExtensionResults: {} };
}

export function secondsUntil(expiresAt: number, now: number): number {
  return Math.max(0, Math.round((expiresAt - now) / 1000));
}
