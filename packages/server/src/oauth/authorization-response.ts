import type { AuthorizationErrorCode, ReplyTo } from "./authorization-request.ts";

/** What the client is told, by the names of the parameters. */
export type ResponseParameters = Readonly<Record<string, string>>;

/** `iss` tells the client which server it is that answers (RFC 9207 §2). */
export function codeResponse(code: string, { state }: ReplyTo, issuer: string): ResponseParameters {
  return { code, ...(state === null ? {} : { state }), iss: issuer };
}

export function errorResponse(
  { code, description }: { readonly code: AuthorizationErrorCode; readonly description: string },
  { state }: ReplyTo,
  issuer: string,
): ResponseParameters {
  return { error: code, error_description: description, ...(state === null ? {} : { state }), iss: issuer };
}

/** The redirect URI with them in its query; what stood there before stays (OAuth 2.1 §2.3). */
export function responseUrl({ redirectUri }: ReplyTo, parameters: ResponseParameters): string {
  const separator = !redirectUri.includes("?") ? "?" : /[?&]$/.test(redirectUri) ? "" : "&";
  return redirectUri + separator + new URLSearchParams(parameters).toString();
}
