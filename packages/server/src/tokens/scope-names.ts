/** scope-token of RFC 6749 §3.3. */
export const SCOPE_NAME = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** The scopes that OpenID Connect gives a meaning to (OIDC Core §5.4, §11). */
export const OPENID_SCOPES = ["openid", "profile", "email", "offline_access"] as const;

const OPENID: ReadonlySet<string> = new Set(OPENID_SCOPES);

export function isScope(text: string): boolean {
  return SCOPE_NAME.test(text);
}

/** Whether it lets a client do something at an API, and not only know who the user is. */
export function isApiScope(scope: string): boolean {
  return !OPENID.has(scope);
}
