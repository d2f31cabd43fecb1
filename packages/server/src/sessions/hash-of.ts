import { hash } from "node:crypto";

/** What a row keeps of a value that only its owner should be able to show: SHA-256, base64url. */
export function hashOf(value: string): string {
  return hash("sha256", value, "base64url");
}
