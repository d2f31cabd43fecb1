import { isLoopback } from "../registration.ts";

/** Ids are as long as that at the most (RFC 6749 Appendix A.1 has no bound; ours is a column's, and a cookie's). */
const MAX_LENGTH = 255;

/**
 * Whether a client id is the address of a document (draft-ietf-oauth-client-id-metadata-document §3): https, with a path,
 * written as it is in its plain form, so that there are no two ids for one document; no fragment, no user.
 */
export function isDocumentId(clientId: string, allowLoopback = false): boolean {
  if (!/^https?:\/\//.test(clientId) || clientId.length > MAX_LENGTH) return false;
  const url = URL.parse(clientId);
  if (url === null || url.href !== clientId) return false;
  const isSecure = url.protocol === "https:" || (allowLoopback && isLoopback(url));
  return isSecure && url.pathname !== "/" && url.username === "" && url.password === "" && !clientId.includes("#");
}
