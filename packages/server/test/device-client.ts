/** A server with a client for devices without a browser, what such a device does, and Ada, who decides elsewhere. */
import { DEVICE_GRANT } from "../src/clients/registration.ts";
import type { NewRegistration } from "../src/clients/registration.ts";
import type { OstiaryConfig } from "../src/ostiary-config.ts";
import { claimsOf, startOAuth } from "./code-client.ts";
import type { TokenBody } from "./code-client.ts";
import { PageClient } from "./page-client.ts";
import type { PageAnswer } from "./page-client.ts";
import { MINUTE } from "./test-server.ts";
import type { Answer } from "./test-server.ts";

export interface DeviceBody {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  expires_in: number;
  interval: number;
}

export const DEVICE_REGISTRATION: Partial<NewRegistration> = { redirectUris: [], grantTypes: [DEVICE_GRANT, "refresh_token"] };

export async function startDevices(registration: Partial<NewRegistration> = {}, config: OstiaryConfig = {}) {
  const all = await startOAuth(config, { ...DEVICE_REGISTRATION, ...registration });
  const { server, browser, post, exchange } = all;
  const { accessToken } = await browser.login();
  const ada = new PageClient(server, browser.jar);
  return {
    ...all,
    /** The session of her browser. */
    signOnId: String(claimsOf(accessToken)["sid"]),
    ada,
    stranger: () => new PageClient(server),
    begin: (form: Record<string, string> = {}, headers?: Record<string, string>): Promise<Answer<DeviceBody>> =>
      post<DeviceBody>("/oauth/device", { scope: "openid email offline_access orders:read", ...form }, headers),
    /** Asks for tokens, as a device does every few seconds. */
    poll: (code: string, more: Record<string, string> = {}, headers?: Record<string, string>): Promise<Answer<TokenBody>> =>
      exchange({ grant_type: DEVICE_GRANT, device_code: code, ...more }, headers),
    /** Types the code. */
    enter: (code: string, page = ada): Promise<PageAnswer> => page.submit("/device", { user_code: code }),
    /** Types the code, and presses a button of the page that asks. */
    decide: async (code: string, decision: "allow" | "deny" = "allow", page = ada): Promise<PageAnswer> => {
      const { text } = await page.submit("/device", { user_code: code });
      return page.post("/device", { form_token: tokenIn(text), user_code: code, decision });
    },
    passMinutes: (minutes: number): void => void (server.time.now += minutes * MINUTE),
  };
}

export function tokenIn(text: string): string {
  return /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? "";
}
