import type { Settings } from "../config-schema.ts";
import type { FetchPublic } from "../fetching/fetch-public.ts";
import type { Keyring } from "../keys/keyring.ts";
import { createLogoutTokens } from "../oauth/logout-token.ts";
import { notifyClients } from "../oauth/notify-clients.ts";
import type { Notifier } from "../oauth/notify-clients.ts";
import { createSendLogoutToken } from "../oauth/send-logout-token.ts";
import type { Store } from "../stores/store.ts";

export function openNotifier(
  { oauth: { signOns }, clients, audit }: Store,
  { settings, keyring, fetchPublic }: { settings: Settings; keyring: Keyring; fetchPublic: FetchPublic },
): Notifier {
  const { issuer, clock, random, onError } = settings;
  const tokens = createLogoutTokens({ keyring, issuer, clock, random });
  return notifyClients({ signOns, clients, audit, tokens, send: createSendLogoutToken(fetchPublic), clock, onError });
}
