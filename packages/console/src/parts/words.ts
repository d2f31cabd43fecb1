import type { Device } from "../api/types.ts";

const EVENTS = {
  signup: "Signed up",
  login: "Signed in",
  login_failed: "Sign-in failed",
  session_adopted: "Taken over from before",
  refresh: "Refreshed",
  refresh_repeated: "Refresh repeated",
  refresh_token_reused: "Theft found",
  logout: "Signed out",
  logout_all: "Signed out everywhere",
  session_revoked: "Session ended",
  limit_reached: "Limit reached",
  suspicious: "Attack suspected",
  password_changed: "Password changed",
  identity_linked: "Way to sign in added",
  identity_unlinked: "Way to sign in removed",
  password_change_failed: "Password change failed",
  password_hash_upgraded: "Password hash renewed",
  profile_updated: "Profile changed",
  signup_requested: "Sign-up asked for",
  signup_failed: "Sign-up not finished: wrong password",
  password_reset_requested: "Password reset asked for",
  password_reset: "Password reset",
  email_verification_requested: "Confirmation asked for",
  email_verified: "Address confirmed",
  email_change_requested: "Other address asked for",
  email_changed: "Address changed",
  email_change_undone: "Address taken back",
  second_factor_added: "Second factor added",
  second_factor_removed: "Second factor removed",
  second_factor_failed: "Second step failed",
  recovery_code_used: "Recovery code used",
  recovery_codes_replaced: "Recovery codes replaced",
  second_factors_reset: "Second factors reset",
  passkey_counter: "Passkey may be copied",
  mail_sent: "Mail sent",
  mail_undelivered: "Mail not delivered",
  user_created: "User created",
  user_disabled: "User disabled",
  user_enabled: "User enabled",
  user_deleted: "User deleted",
  user_unlocked: "User unlocked",
  roles_changed: "Roles changed",
  token_version_raised: "Tokens made stale",
  token_revoked: "Token revoked",
  client_created: "Client created",
  client_secret_rotated: "Client secret rotated",
  client_updated: "Client changed",
  api_key_created: "API key made",
  api_key_rotated: "API key has another secret",
  api_key_revoked: "API key revoked",
  registration_token_created: "Registration token created",
  registration_token_deleted: "Registration token deleted",
  authorized: "Signed in to an app",
  app_session_began: "App stays signed in",
  code_reused: "Authorization code used twice",
  consent_given: "App allowed",
  consent_withdrawn: "App no longer allowed",
  device_denied: "Device not let in",
  device_code_wrong: "Wrong code of a device",
  logout_undelivered: "App not told of a sign-out",
  client_deleted: "Client deleted",
  client_authentication_failed: "Client refused",
  key_state_changed: "Key changed state",
  key_rotation_planned: "Key rotation planned",
  secret_rotated: "Secret rotated",
} as const;

export const EVENT_NAMES: Readonly<Record<keyof typeof EVENTS, string>> = EVENTS;

export function eventName(type: string): string {
  return Object.hasOwn(EVENT_NAMES, type) ? EVENT_NAMES[type as keyof typeof EVENTS] : sentence(type);
}

/** How an event looks: what an operator has to see first. */
export function eventTone(type: string): "bad" | "warn" | "good" | "plain" {
  if (type === "refresh_token_reused" || type === "suspicious") return "bad";
  if (/failed|revoked|deleted|disabled|limit_reached|logout_all|undelivered/.test(type)) return "warn";
  if (/^(?:login|signup|session_adopted|user_created|user_enabled|client_created|api_key_created)$/.test(type)) return "good";
  return "plain";
}

const REASONS: Readonly<Record<string, string>> = {
  logout: "The user signed out",
  logout_all: "Signed out everywhere",
  session_deleted: "Ended by hand",
  replaced: "Another user signed in with the browser",
  renewed: "The user signed in anew",
  refresh_token_revoked: "Its refresh token was revoked",
  password_changed: "The password was changed",
  identity_unlinked: "A way to sign in was removed",
  second_factor_removed: "A second factor was removed",
  second_factors_reset: "Second factors were reset",
  user_disabled: "The user was disabled",
  user_deleted: "The user was deleted",
  refresh_token_reused: "Theft: a refresh token was used twice",
  code_reused: "Its authorization code was used twice",
  user_agent_changed: "Another browser took its place",
  network_changed: "It moved to another network",
  consent_withdrawn: "The user took the app's access back",
  client_deleted: "The app was deleted",
  expired: "It expired",
};

export function reasonInWords(reason: string | null): string {
  return reason === null ? "Ended" : (REASONS[reason] ?? sentence(reason));
}

export function place({ label, ip }: Device): string {
  return ip === null ? label : `${label} · ${ip}`;
}

/** `some_name` as "Some name". */
function sentence(name: string): string {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
