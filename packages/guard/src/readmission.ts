/**
 * Who comes again with the credentials that a guard has let in before: found by the text of their Authorization header, and
 * let in at once, without a promise. This refuses nobody: whatever is not remembered, or may no longer be as good as it was,
 * is judged by the guard as if it came for the first time.
 *
 * An entry has all that is looked at in itself: where thousands of tokens are in use, each object more is a wait for memory.
 */
import type { KeySet } from "@ostiary/jwt";
import { createBoundedMemory } from "./bounded-memory.ts";
import { mayHaveQueryToken } from "./extract-token.ts";
import type { AnyIdentity } from "./identity.ts";
import type { KeySource } from "./key-source.ts";
import type { RevocationSubject } from "./revocation-set.ts";
import type { RevocationSource } from "./revocation-source.ts";

/** What is derived from claims. */
export interface Known<Who> {
  readonly identity: Who;
  readonly revocable: RevocationSubject;
}

/** Who asks, if they are let in again; undefined says nothing about them. `header`: of Authorization, as it came. */
export type Readmit<Who> = (header: string | null, url: string) => Who | undefined;

export interface Readmission<Who> {
  readonly readmit: Readmit<Who>;
  /** What was read from these claims when the token was good last; undefined if that is forgotten. */
  readonly knownOf: (token: string, claims: object) => Known<Who> | undefined;
  /** Remembers who has just been let in by this token, in this header if it came in one, and the keys it was verified with. */
  readonly remember: (token: string, header: string | null, admitted: Admitted<Who>) => void;
}

export interface Admitted<Who> {
  readonly known: Known<Who>;
  /** Where the token's key was found, and what was there before and after it was verified. */
  readonly source: KeySource;
  readonly keys: KeySet;
}

interface Entry<Who> extends Known<Who> {
  /** Empty for what is not let in again by a header. */
  readonly header: string;
  readonly source: KeySource;
  readonly keys: KeySet;
  /** When the token was found good, in milliseconds: from then on, only its end makes it worse. */
  readonly since: number;
  /** Its end (`exp`), in milliseconds, with no tolerance. */
  readonly until: number;
  /** The revision of the set of revocations that had nothing against it. */
  clearedAt: number;
}

/** What comes in more is judged each time, so that the memory is bounded in bytes as well. In characters. */
const MAX_HEADER_LENGTH = 2048;

export interface ReadmissionParts {
  readonly revocations: RevocationSource | undefined;
  readonly maxTokens: number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export function createReadmission<Who extends AnyIdentity>({ revocations, maxTokens, clock }: ReadmissionParts): Readmission<Who> {
  const memory = createBoundedMemory<Entry<Who>, number>(maxTokens);

  function isCleared(entry: Entry<Who>): boolean {
    if (revocations === undefined) return true;
    if (!revocations.isFresh()) return false;
    const { set } = revocations;
    if (entry.clearedAt === set.revision) return true;
    if (set.check(entry.revocable) !== undefined) return false;
    entry.clearedAt = set.revision;
    return true;
  }

  return {
    readmit(header, url) {
      if (header === null || header === "") return undefined;
      const entry = memory.get(tagOf(header));
      if (entry === undefined || entry.header !== header || mayHaveQueryToken(url)) return undefined;
      // Asked each time, because it is what has the keys renewed.
      if (entry.source.current() !== entry.keys) return undefined;
      const now = clock();
      return now >= entry.since && now < entry.until && isCleared(entry) ? entry.identity : undefined;
    },

    knownOf(token, claims) {
      const entry = memory.get(tagOf(token));
      return entry?.identity.claims === claims ? entry : undefined;
    },

    remember(token, cameIn, { known: { identity, revocable }, source, keys }) {
      const header = cameIn === null || cameIn.length > MAX_HEADER_LENGTH ? "" : cameIn;
      const tag = tagOf(token);
      if (header === "" && memory.get(tag)?.identity === identity) return;
      const until = (identity.claims.exp ?? 0) * 1000;
      memory.set(tag, { header, since: clock(), until, clearedAt: -1, source, keys, identity, revocable });
    },
  };
}

/**
 * 30 bits of the signature that a token, or the header it came in, ends with: of the five characters before the last, which
 * has bits to spare. Two tokens seldom have them in common, and then one pushes the other out. A Map of whole texts would
 * hash each, which takes longer than all the rest.
 */
function tagOf(text: string): number {
  const end = text.length - 1;
  if (end < 5) return 0;
  const high = (text.charCodeAt(end - 1) << 24) ^ (text.charCodeAt(end - 2) << 18) ^ (text.charCodeAt(end - 3) << 12);
  return (high ^ (text.charCodeAt(end - 4) << 6) ^ text.charCodeAt(end - 5)) & 0x3fff_ffff;
}

type Authenticate<Who> = (request: never) => Promise<Who>;

/** By the guards' `authenticate`, which a guard keeps that is spread into another object. */
const readmissions = new WeakMap<Authenticate<unknown>, Readmit<unknown>>();

export function noteReadmission<Who>(authenticate: Authenticate<Who>, readmit: Readmit<Who>): void {
  readmissions.set(authenticate, readmit);
}

/** Lets nobody in for what is no guard of ours, or once its `authenticate` was replaced: that one wants to be asked. */
export function readmissionOf<Who>(guard: { readonly authenticate: Authenticate<Who> }): Readmit<Who> {
  const { authenticate } = guard;
  const readmit = readmissions.get(authenticate) as Readmit<Who> | undefined;
  if (readmit === undefined) return () => undefined;
  return (header, url) => (guard.authenticate === authenticate ? readmit(header, url) : undefined);
}
