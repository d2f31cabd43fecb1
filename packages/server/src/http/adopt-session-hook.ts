/**
 * Judges a credential of the system before this one, for people who are signed in there: asked by `POST /refresh` when
 * the request carries no refresh token of ours. Whom it names gets a session without a password, so it is the judge, and
 * **must make the credential worthless in the same step** (one `DELETE … RETURNING`): else whoever has copied it gets
 * another session each time. Null if the credential is none, or was used before. If it throws, or
 * says nothing for two seconds, the answer is 503.
 */
export type AdoptSessionHook = (request: Request) => AdoptedSession | null | Promise<AdoptedSession | null>;

export interface AdoptedSession {
  /** As it is here: whoever was imported has kept it. */
  readonly userId: string;
  /** As at login. Default false. */
  readonly remember?: boolean | undefined;
}
