/** The fields of request and response bodies. Their messages are for whoever writes the client. */
import { z } from "zod";
import type {
  ChangePasswordRequest,
  CsrfResponse,
  ErrorBody,
  ErrorName,
  ErrorReason,
  LoginRequest,
  RefreshRequest,
  SessionsResponse,
  SignupRequest,
  TokenResponse,
  UpdateMeRequest,
  UserResponse,
} from "@ostiary/protocol";
import { ERROR_REASONS, ERROR_STATUS } from "@ostiary/protocol";
import { isEmailAddress, normalizeEmail } from "../users/email.ts";
import { PASSWORD_MAX_RAW_LENGTH } from "../users/password.ts";
import { isShownText } from "../users/shown-text.ts";

const required = (type: string) => ({
  error: (issue: { readonly input?: unknown }) => (issue.input === undefined ? "is required" : `must be ${type}`),
});

const text = z.string(required("a text")).refine(isShownText, "must not contain control or broken characters");

const email = z
  .string(required("a text"))
  .transform(normalizeEmail)
  .refine(isEmailAddress, "must be an e-mail address of at most 254 characters")
  .meta({ format: "email", examples: ["ada@example.com"] });

/** Any text: the limits proper are on new passwords, after normalisation. */
const password = z
  .string(required("a text"))
  .min(1, "must not be empty")
  .max(PASSWORD_MAX_RAW_LENGTH, "must have at most 256 characters")
  // U+FFFD is what a body parser in front of us makes of invalid UTF-8: two passwords would become one.
  .refine((value) => value.isWellFormed() && !value.includes("\uFFFD"), "must not contain broken characters");

const name = z
  .string(required("a text"))
  .transform((value) => value.trim())
  .pipe(text.min(1, "must not be empty").max(200, "must have at most 200 characters"))
  .meta({ examples: ["Ada Lovelace"] });

const remember = z.boolean(required("true or false")).optional();
const delivery = z.enum(["cookie", "body"], 'must be "cookie" or "body"').optional();

export const loginRequest = z.object({ email, password, remember, delivery }) satisfies z.ZodType<LoginRequest>;

export const signupRequest = z.object({
  email,
  password,
  name: name.optional(),
  remember,
  delivery,
}) satisfies z.ZodType<SignupRequest>;

const refreshToken = z.string(required("a text")).min(1, "must not be empty");

export const refreshRequest = z.object({ refreshToken: refreshToken.optional() }) satisfies z.ZodType<RefreshRequest>;

export const updateMeRequest = z.object({ name: name.optional() }) satisfies z.ZodType<UpdateMeRequest>;

export const changePasswordRequest = z.object({
  currentPassword: password,
  newPassword: password,
}) satisfies z.ZodType<ChangePasswordRequest>;

const time = z.iso.datetime();

const user = z.object({
  id: z.string(),
  email: z.string(),
  emailVerified: z.boolean(),
  name: z.string().nullable(),
  roles: z.array(z.string()),
  createdAt: time,
});

export const userResponse = z.object({ user }) satisfies z.ZodType<UserResponse>;

export const csrfResponse = z.object({ csrfToken: z.string() }) satisfies z.ZodType<CsrfResponse>;

export const tokenResponse = z.object({
  accessToken: z.string(),
  tokenType: z
    .enum(["Bearer", "DPoP"])
    .meta({ description: "The scheme the access token is sent by: `DPoP` if it is bound to a key." }),
  expiresIn: z.int().meta({ description: "Seconds the access token lives." }),
  csrfToken: z.string(),
  user,
  refreshToken: z.string().meta({ description: 'With delivery "body" only.' }).optional(),
});
tokenResponse satisfies z.ZodType<Omit<TokenResponse, "refreshToken">>;

export const sessionsResponse = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      current: z.boolean(),
      device: z.string(),
      ip: z.string().nullable(),
      userAgent: z.string().nullable(),
      createdAt: time,
      lastUsedAt: time,
      expiresAt: time,
      remember: z.boolean(),
    }),
  ),
}) satisfies z.ZodType<SessionsResponse>;

export const errorResponseBody = z.object({
  error: z.enum(Object.keys(ERROR_STATUS) as [ErrorName, ...ErrorName[]]),
  reason: z.enum(Object.values(ERROR_REASONS).flat() as [ErrorReason, ...ErrorReason[]]).optional(),
  error_description: z.string(),
  field: z.string().optional(),
});
errorResponseBody satisfies z.ZodType<Omit<ErrorBody, "reason" | "field">>;
