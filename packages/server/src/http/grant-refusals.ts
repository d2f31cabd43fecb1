import type { ErrorName } from "@ostiary/protocol";
import { OstiaryError } from "../errors.ts";
import { errorBody, PROOF_ERRORS } from "./errors.ts";
import type { HttpContext } from "./http-context.ts";

const BAD_REQUEST: readonly ErrorName[] = ["unauthorized_client", ...PROOF_ERRORS];

/** Where clients ask for grants, the RFCs have another status for these (RFC 6749 §5.2, RFC 9449 §5). */
export async function withGrantRefusals(c: HttpContext, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof OstiaryError && BAD_REQUEST.includes(error.code)) return c.json(errorBody(error), 400);
    throw error;
  }
}
