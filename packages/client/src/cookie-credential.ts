import type { CsrfResponse } from "@ostiary/protocol";
import { isKey } from "./credential.ts";
import type { Credential } from "./credential.ts";
import type { Environment } from "./environment.ts";
import type { IssuerApi } from "./issuer-api.ts";

export interface CookieOptions {
  readonly issuer: string;
  readonly api: IssuerApi;
  /** The CSRF token of the last answer, if the session goes on. */
  readonly csrfToken: () => string | null;
}

/**
 * The refresh token is in a cookie that no script sees. The session's CSRF token is in another, which pages of the
 * issuer's own host can read; others take it from the last answer, or ask.
 */
export function createCookieCredential({ page, newKey }: Environment, options: CookieOptions): Credential {
  const { issuer, api } = options;
  const keyNote = `ostiary ${issuer} refresh`;
  const abandonedNote = `ostiary ${issuer} signed out`;

  const { protocol, hostname } = new URL(issuer);
  const isReadable = page?.location.protocol === protocol && page.location.hostname === hostname;
  const cookie = new RegExp(`(?:^|; )${protocol === "https:" ? "__Secure-" : ""}ostiary_csrf=([^;]+)`);
  const readable = (): string | null => cookie.exec(page?.cookies() ?? "")?.[1] ?? null;

  return {
    async proof(anew = false) {
      const known = isReadable ? readable() : options.csrfToken();
      if (isReadable && known === null) return null;
      const csrfToken = anew || known === null ? await ask() : known;
      return { headers: { "X-CSRF-Token": csrfToken } };
    },
    async key() {
      const kept = page?.notes.read(keyNote);
      const key = isKey(kept) ? kept : newKey();
      page?.notes.write(keyNote, key);
      return key;
    },
    // The cookies are the browser's, which knows what came last.
    async keep() {
      page?.notes.write(keyNote, null);
      page?.notes.write(abandonedNote, null);
      return true;
    },
    async abandon() {
      page?.notes.write(abandonedNote, "yes");
    },
    async isAbandoned() {
      return (page?.notes.read(abandonedNote) ?? null) !== null;
    },
    hasChanged: (csrfToken) => isReadable && readable() !== csrfToken,
  };

  async function ask(): Promise<string> {
    return (await api<CsrfResponse>("/csrf", { method: "GET" })).csrfToken;
  }
}
