const MEANINGS: Readonly<Record<string, string>> = {
  iss: "who issued it",
  sub: "whom it is about",
  aud: "whom it is for",
  exp: "expires",
  nbf: "good from",
  iat: "issued",
  auth_time: "signed in",
  jti: "its own id",
  sid: "the session",
  ver: "the user's token version",
  client_id: "which client asked",
  scope: "what it is good for",
  roles: "the user's roles",
  alg: "how it is signed",
  kid: "which key",
  typ: "what kind of token",
};

/** What a claim or a header parameter is, in a few words. Anybody may have named it: also like what every object has. */
export function meaningOf(name: string): string {
  return Object.hasOwn(MEANINGS, name) ? (MEANINGS[name] ?? "") : "";
}
