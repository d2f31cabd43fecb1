/** Bodies of what goes by mail. */

export interface ForgotPasswordRequest {
  email: string;
}

export interface ResetPasswordRequest {
  /** What stands behind the `#` of the link in the mail. */
  token: string;
  newPassword: string;
}

/** For `/signup/confirm`. */
export interface ConfirmSignUpRequest {
  token: string;
  /** The one that was chosen at this sign-up. */
  password: string;
}

/** For `/email/verify`, `/email/confirm` and `/email/undo`. */
export interface MailTokenRequest {
  token: string;
}

export interface ChangeEmailRequest {
  newEmail: string;
  currentPassword: string;
}

/** What this server offers to people. */
export interface SettingsResponse {
  passwordMinLength: number;
  /** Whether a forgotten password can be reset by mail. */
  passwordReset: boolean;
  /** Whether sign-up answers 202, and the account is made by a mail. */
  signupByMail: boolean;
  /** Whether addresses are verified, and can be changed, by mail. */
  emailVerification: boolean;
  emailChange: boolean;
}
