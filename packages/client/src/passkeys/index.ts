/**
 * Passkeys (WebAuthn Level 3): signs in by one, alone or as the second step, and adds one to the account. Owns what the browser
 * is asked; what a passkey proves, the server decides.
 */
export { addPasskey, signInWithPasskey, supportsPasskeys } from "./passkeys.ts";
export type { AddedPasskey, PasskeyOptions } from "./passkeys.ts";
