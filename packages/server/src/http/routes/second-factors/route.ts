import { OstiaryError } from "../../../errors.ts";
import { addPasskey, confirmTotp, enrolTotp, passkeyRegistrationOptions } from "../../../second-factors/add-factor.ts";
import { removePasskey, removeTotp, renamePasskey, replaceRecoveryCodes } from "../../../second-factors/change-factors.ts";
import { factorsOf } from "../../../second-factors/second-factors.ts";
import { readBody } from "../../body.ts";
import { currentUser } from "../../current-user.ts";
import {
  addPasskeyRequest,
  codesResponse,
  confirmTotpRequest,
  factorsResponse,
  newCodesResponse,
  newPasskeyResponse,
  passkeyQuestionResponse,
  passkeyResponse,
  renamePasskeyRequest,
  secondsUntil,
  toAttestation,
  toPasskeyBody,
  totpResponse,
} from "../../factor-fields.ts";
import { idOf } from "../../id-of.ts";
import { idInPath, jsonAnswer, jsonBody, noContent, refusals, security } from "../../operation.ts";
import type { Route } from "../../route.ts";
import { freshUser } from "./fresh-user.ts";

const REFUSED = "`missing_token`, `invalid_token`";
const UNFRESH = `${REFUSED}, \`insufficient_user_authentication\`: sign in anew first, with a second factor if there is one`;

const ON_REMOVAL = "All other sessions end, and access tokens of before are stale. With the last factor the recovery codes go.";

/** One's own second factors. Each change takes a sign-in of the last ten minutes. */
export const secondFactorRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/second-factors",
    operation: {
      summary: "One's second factors",
      security: security("bearer"),
      responses: { 200: jsonAnswer("What there is.", factorsResponse), ...refusals({ 401: REFUSED }) },
    },
    async handle(c, deps) {
      const { user } = await currentUser(c, deps);
      const { totp, passkeys, recoveryCodesLeft } = await factorsOf(deps.factors, user.id);
      return c.json({ totp, passkeys: passkeys.map(toPasskeyBody), recoveryCodesLeft });
    },
  },
  {
    method: "post",
    path: "/second-factors/totp",
    operation: {
      summary: "A secret for an authenticator app",
      description: "It counts for nothing until a code of it is confirmed.",
      security: security("bearer"),
      responses: { 200: jsonAnswer("The secret.", totpResponse), ...refusals({ 401: UNFRESH }) },
    },
    async handle(c, deps) {
      const { user } = await freshUser(c, deps);
      const { expiresAt, ...enrolment } = await enrolTotp(deps.factors, user);
      return c.json({ ...enrolment, expiresIn: secondsUntil(expiresAt, deps.factors.clock()) });
    },
  },
  {
    method: "post",
    path: "/second-factors/totp/confirm",
    operation: {
      summary: "Make an authenticator app a second factor",
      description: "In place of the app before, if there was one.",
      security: security("bearer"),
      requestBody: jsonBody(confirmTotpRequest),
      responses: {
        200: jsonAnswer("It is one.", newCodesResponse),
        ...refusals({
          400: "`invalid_request`",
          401: `${UNFRESH} · \`invalid_credentials\`: the code is wrong · \`sign_in_expired\`: begin anew`,
          429: "`too_many_attempts`",
        }),
      },
    },
    async handle(c, deps) {
      const { user, by } = await freshUser(c, deps);
      return c.json(await confirmTotp(deps.factors, user, await readBody(c, confirmTotpRequest), by));
    },
  },
  {
    method: "delete",
    path: "/second-factors/totp",
    operation: {
      summary: "Remove the authenticator app",
      description: ON_REMOVAL,
      security: security("bearer"),
      responses: { 204: noContent, ...refusals({ 401: UNFRESH, 404: "`not_found`" }) },
    },
    async handle(c, deps) {
      const { user, by } = await freshUser(c, deps);
      if (!(await removeTotp(deps.factors, user, by))) throw new OstiaryError("not_found", "You have no authenticator app.");
      return c.body(null, 204);
    },
  },
  {
    method: "post",
    path: "/second-factors/recovery-codes",
    operation: {
      summary: "New recovery codes",
      description: "Those of before are worth nothing then.",
      security: security("bearer"),
      responses: {
        200: jsonAnswer("To be shown once.", codesResponse),
        ...refusals({ 400: "`invalid_request`: there is no second factor", 401: UNFRESH }),
      },
    },
    async handle(c, deps) {
      const { user, by } = await freshUser(c, deps);
      return c.json({ recoveryCodes: await replaceRecoveryCodes(deps.factors, user, by) });
    },
  },
  {
    method: "post",
    path: "/second-factors/passkeys/options",
    operation: {
      summary: "What a new passkey is to be made of",
      security: security("bearer"),
      responses: {
        200: jsonAnswer("For `navigator.credentials.create`.", passkeyQuestionResponse),
        ...refusals({ 400: "`invalid_request`: there are twenty already", 401: UNFRESH }),
      },
    },
    async handle(c, deps) {
      const { user } = await freshUser(c, deps);
      const { options, passkeyToken, expiresAt } = await passkeyRegistrationOptions(deps.factors, user);
      return c.json({ options, passkeyToken, expiresIn: secondsUntil(expiresAt, deps.factors.clock()) });
    },
  },
  {
    method: "post",
    path: "/second-factors/passkeys",
    operation: {
      summary: "Add a passkey",
      security: security("bearer"),
      requestBody: jsonBody(addPasskeyRequest),
      responses: {
        201: jsonAnswer("It is a second factor.", newPasskeyResponse),
        ...refusals({ 400: "`invalid_request`", 401: `${UNFRESH} · \`sign_in_expired\`: begin anew` }),
      },
    },
    async handle(c, deps) {
      const { user, by } = await freshUser(c, deps);
      const { passkey: made, ...rest } = await readBody(c, addPasskeyRequest);
      const { passkey, recoveryCodes } = await addPasskey(deps.factors, user, { ...rest, passkey: toAttestation(made) }, by);
      return c.json({ passkey: toPasskeyBody(passkey), recoveryCodes }, 201);
    },
  },
  {
    method: "patch",
    path: "/second-factors/passkeys/{id}",
    operation: {
      summary: "Rename a passkey",
      security: security("bearer"),
      requestParams: idInPath,
      requestBody: jsonBody(renamePasskeyRequest),
      responses: {
        200: jsonAnswer("The passkey.", passkeyResponse),
        ...refusals({ 400: "`invalid_request`", 401: UNFRESH, 404: "`not_found`" }),
      },
    },
    async handle(c, deps) {
      const { user } = await freshUser(c, deps);
      const { name } = await readBody(c, renamePasskeyRequest);
      const passkey = await renamePasskey(deps.factors, user.id, idOf(c), name);
      if (passkey === null) throw noSuchPasskey();
      return c.json({ passkey: toPasskeyBody(passkey) });
    },
  },
  {
    method: "delete",
    path: "/second-factors/passkeys/{id}",
    operation: {
      summary: "Remove a passkey",
      description: ON_REMOVAL,
      security: security("bearer"),
      requestParams: idInPath,
      responses: {
        204: noContent,
        ...refusals({ 400: "`invalid_request`: nothing else would let you in", 401: UNFRESH, 404: "`not_found`" }),
      },
    },
    async handle(c, deps) {
      const { user, by } = await freshUser(c, deps);
      const outcome = await removePasskey(deps.factors, user, idOf(c), by);
      if (outcome === "none") throw noSuchPasskey();
      if (outcome === "last") {
        throw new OstiaryError("invalid_request", "Nothing else would let you in: set a password, or add another way in, first.");
      }
      return c.body(null, 204);
    },
  },
];

function noSuchPasskey(): OstiaryError {
  return new OstiaryError("not_found", "You have no such passkey.");
}
