import type { Dpop } from "./dpop/dpop.ts";
import type { AuthSnapshot } from "./session.ts";

/** What apps may say of every client. */
export interface SessionOptions {
  /** The auth server's URL, as in its configuration: `http://localhost:4000/auth`. */
  readonly issuer: string;
  /** Origins that `fetch` sends the access token to, besides the issuer's and the page's own. */
  readonly apiOrigins?: readonly string[] | undefined;
  /** `createDpop()`: binds the session to a key of this browser, without which a copied token is worth nothing. */
  readonly dpop?: Dpop | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** What every client has, however its users sign in. All can be passed around without their object. */
export interface SessionClient<Person> {
  readonly issuer: string;
  /**
   * Signs out, here and in the other tabs, at once. Rejects if the server could not be told: then it is told as soon as
   * it can be reached, and the session does not come back.
   */
  readonly logout: () => Promise<void>;
  /**
   * The global `fetch`, with the access token for the issuer's origin, the page's own and `apiOrigins`; nobody else gets
   * it. Where it is refused although it should be good, it is renewed and the request sent once more, unless its body
   * was a stream or a `Request`.
   */
  readonly fetch: typeof globalThis.fetch;
  /** Good for at least some seconds. Null if nobody is signed in. Rejects if it cannot be renewed at the moment. */
  readonly getAccessToken: () => Promise<string | null>;
  /** Renews the tokens now, so that changed roles and names are seen. */
  readonly refresh: () => Promise<AuthSnapshot<Person>>;
  /** Resolves when it is known whether someone is signed in, or that this cannot be known now: then still `restoring`. */
  readonly ready: () => Promise<AuthSnapshot<Person>>;
  /** What to show. The same object until something changes. */
  readonly snapshot: () => AuthSnapshot<Person>;
  /** Calls back after each change of the snapshot; returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Stops refreshing and listening to other tabs. */
  readonly close: () => void;
}
