/**
 * Binds a session to a key of this browser (DPoP, RFC 9449): a token that was copied is worth nothing without the key, and no
 * script can copy that. Owns the key, the proofs and the server's nonces; the session itself is the client's.
 */
export { createDpop } from "./dpop.ts";
export type { Dpop, DpopOptions, Proven } from "./dpop.ts";
