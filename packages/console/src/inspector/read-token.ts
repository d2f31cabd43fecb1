export interface ReadToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly parts: readonly [string, string, string];
  /** Header and claims as they were written. */
  readonly texts: readonly [string, string];
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What the text says, believed or not. Throws with a sentence for what is no token. */
export function readToken(text: string): ReadToken {
  const token = text.trim().replace(/^bearer\s+/i, "").replace(/\s+/g, "");
  const parts = token.split(".");
  if (parts.length === 5) throw new Error("This token is encrypted (JWE): only who has the key can read it.");
  const [header, claims, signature] = parts;
  if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined) {
    throw new Error(
      "A token has three parts with dots between them; this has " + (parts.length === 1 ? "one." : `${parts.length}.`),
    );
  }
  const [first, second] = [objectIn(header, "first"), objectIn(claims, "second")];
  return { header: first.value, claims: second.value, parts: [header, claims, signature], texts: [first.text, second.text] };
}

function objectIn(part: string, which: string): { text: string; value: Record<string, unknown> } {
  let text: string;
  let value: unknown;
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new Error(`The ${which} part is not JSON in base64url.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`The ${which} part is no JSON object.`);
  }
  return { text, value: value as Record<string, unknown> };
}

/** Within what a date can hold, in seconds. */
export function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= 8_640_000_000_000;
}
