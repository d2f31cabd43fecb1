import { OstiaryError } from "../errors.ts";
import { percentDecoded } from "./form.ts";

/** Parameters by name, each as often as it was sent. What has no value counts as left out (RFC 6749 §3.1). */
export type Parameters = ReadonlyMap<string, readonly string[]>;

/**
 * Reads a query or a form as OAuth's endpoints take them (RFC 6749 Appendix B). Throws `invalid_request` for what is not
 * encoded as one. That a parameter comes twice is for the caller to judge: of `resource` there may be several.
 */
export function parseParameters(text: string): Parameters {
  const parameters = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const [name = "", ...rest] = pair.split("=");
    const [key, value] = [percentDecoded(name), percentDecoded(rest.join("="))];
    if (key === null || value === null || /[^\x20-\x7e]/.test(pair)) {
      throw new OstiaryError("invalid_request", "The parameters are not encoded as such.");
    }
    if (value !== "") parameters.set(key, [...(parameters.get(key) ?? []), value]);
  }
  return parameters;
}
