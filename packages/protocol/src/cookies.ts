/**
 * The cookie with the access token, for pages that are rendered on a server of the issuer's origin. With an https issuer
 * `__Host-` stands before its name.
 */
export const ACCESS_COOKIE = "ostiary_access";
