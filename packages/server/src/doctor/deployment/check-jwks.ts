import { createKeySet } from "@ostiary/jwt";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";
import type { Answered, Ask } from "./ask.ts";
import type { Deployment } from "./deployment.ts";

const LOOKS = 4;
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/** What a server says at the most; see keys/key-policy.ts. */
const MAX_AGE_SECONDS = 300;

/** The keys that guards go by: usable, public, the same from every replica, and not kept for longer than is safe. */
export async function checkJwks({ issuer, publishAheadSeconds }: Deployment, ask: Ask): Promise<Finding[]> {
  const url = `${issuer}/.well-known/jwks.json`;
  const [first, ...others] = [await ask(url), ...(await Promise.all(Array.from({ length: LOOKS - 1 }, () => ask(url))))];
  const keys = keysIn(first);
  if (keys === null) {
    const message = `${url} is answered with ${first.status}${first.status === 200 ? ", and is no key set" : ""}: guards find no keys.`;
    return [error("jwks.keys", message, "let the proxy pass it on as it is")];
  }
  const again = await ask(url, { headers: { "if-none-match": first.headers.get("etag") ?? "*" } });
  return [checkKeys(keys), checkReplicas([first, ...others]), checkAge(first, publishAheadSeconds), checkEtag(first, again)];
}

function keysIn({ status, body }: Answered): readonly unknown[] | null {
  return status === 200 && Array.isArray(body?.["keys"]) ? (body["keys"] as unknown[]) : null;
}

function checkKeys(keys: readonly unknown[]): Finding {
  const id = "jwks.keys";
  if (keys.length === 0) {
    const mend = "give guards the secret as a typed key (docs/keys.md), or sign with key pairs";
    return warning(id, "It publishes no keys: tokens are signed with a secret, and guards need it.", mend);
  }
  const secret = PRIVATE_MEMBERS.find((member) => keys.some((key) => member in Object(key)));
  if (secret !== undefined) {
    return error(
      id,
      `It publishes private parts of keys (${secret}): anyone can sign with them.`,
      "run `npx ostiary keys rotate --compromised --all`, and take away what writes this document",
    );
  }
  const { ignored } = createKeySet({ keys: [...keys] });
  const [bad] = ignored;
  if (bad !== undefined) {
    return error(id, `A key it publishes cannot be used: ${bad.reason}.`, "let nothing between rewrite the document");
  }
  return ok(id, `It publishes ${keys.length} ${keys.length === 1 ? "key" : "keys"}, all of them public and of use.`);
}

/** Replicas on one ring may differ for a second while it changes, and still have keys in common. */
function checkReplicas(answers: readonly Answered[]): Finding {
  const id = "jwks.replicas";
  const sets = answers.map((answer) => new Set(keysIn(answer)?.map((key) => (Object(key) as { kid?: unknown }).kid)));
  const [first = new Set()] = sets;
  const strange = sets.some(
    (set) => (first.size === 0) !== (set.size === 0) || (first.size > 0 && [...set].every((kid) => !first.has(kid))),
  );
  if (!strange) return ok(id, `It publishes the same keys each of ${answers.length} times.`);
  return error(
    id,
    "It publishes other keys from one time to the next: several servers answer, on several databases.",
    "give all of them one OSTIARY_DATABASE_URL and one OSTIARY_SECRET",
  );
}

function checkAge({ headers }: Answered, publishAheadSeconds: number | null): Finding {
  const id = "jwks.max_age";
  const text = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])/i.exec(headers.get("cache-control") ?? "")?.[1];
  const mend = "let no proxy change Cache-Control of the key set, and no cache keep it for longer";
  if (text === undefined) return warning(id, "The key set does not say how long it may be kept.", mend);
  const age = Number(text);
  // A cache on the way may keep it once, and the guard once more.
  const limit = Math.min(MAX_AGE_SECONDS, publishAheadSeconds === null ? Infinity : publishAheadSeconds / 2);
  const kept = Number(headers.get("age") ?? 0);
  if (age > limit || kept > limit) {
    const message =
      `The key set is kept for ${Math.max(age, kept)} s, and a new key may sign after ${limit * 2} s: its tokens are ` +
      "refused by whoever does not know it yet.";
    return error(id, message, `${mend}, or raise OSTIARY_KEY_PUBLISH_AHEAD`);
  }
  return ok(id, `Guards keep the key set for ${age} s, at most half of what a key is published ahead.`);
}

function checkEtag(first: Answered, again: Answered): Finding {
  const id = "jwks.etag";
  const etag = first.headers.get("etag");
  const hasChanged = again.headers.get("etag") !== etag;
  if (etag !== null && (again.status === 304 || hasChanged)) return ok(id, "Whoever has the key set already is told so (ETag).");
  return warning(
    id,
    "The key set is sent in full each time: its ETag does not arrive, or If-None-Match does not.",
    "let the proxy pass both on",
  );
}
