/** The fields of what goes by mail. */
import { z } from "zod";
import type {
  ChangeEmailRequest,
  ConfirmSignUpRequest,
  ForgotPasswordRequest,
  MailTokenRequest,
  ResetPasswordRequest,
  SettingsResponse,
} from "@ostiary/protocol";
import { changePasswordRequest, loginRequest } from "./fields.ts";

const { email, password } = loginRequest.shape;

/** Any text: what is no token of ours is refused as one that was used is. */
const token = z
  .string({ error: (issue) => (issue.input === undefined ? "is required" : "must be a text") })
  .meta({ description: "What stands behind the # of the link." });

export const forgotPasswordRequest = z.object({ email }) satisfies z.ZodType<ForgotPasswordRequest>;

export const resetPasswordRequest = z.object({
  token,
  newPassword: changePasswordRequest.shape.newPassword,
}) satisfies z.ZodType<ResetPasswordRequest>;

export const confirmSignUpRequest = z.object({
  token,
  password: password.meta({ description: "The one that was chosen at this sign-up." }),
}) satisfies z.ZodType<ConfirmSignUpRequest>;

export const mailTokenRequest = z.object({ token }) satisfies z.ZodType<MailTokenRequest>;

export const changeEmailRequest = z.object({
  newEmail: email,
  currentPassword: password,
}) satisfies z.ZodType<ChangeEmailRequest>;

export const settingsResponse = z.object({
  passwordMinLength: z.int(),
  passwordReset: z.boolean().meta({ description: "Whether a forgotten password can be reset by mail." }),
  signupByMail: z.boolean().meta({ description: "Whether sign-up answers 202, and the account is made by a mail." }),
  emailVerification: z.boolean(),
  emailChange: z.boolean(),
}) satisfies z.ZodType<SettingsResponse>;
