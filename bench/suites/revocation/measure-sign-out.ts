/** From the answer to a sign-out until guards in other processes refuse the session's access token. */
import type { AuthServer } from "./auth-server.ts";
import { type Happened, moment } from "./messages.ts";

export interface SignOutTimes {
  readonly guards: number;
  /** Milliseconds until the last guard refused, a sample for each sign-out; below 0: before the answer had arrived. */
  readonly lastRefusal: readonly number[];
}

export async function measureSignOut(server: AuthServer, guards: number, signOuts: number): Promise<SignOutTimes> {
  const children = await Promise.all(Array.from({ length: guards }, () => server.startGuard()));
  const lastRefusal: number[] = [];
  for (let i = 0; i < signOuts; i++) {
    const { accessToken, refreshToken } = await server.signUp(`guards${guards}-${i}@example.com`);
    const refusals = children.map((guard) => guard.ask<Happened>({ until: "refused", token: accessToken }));
    // Signed out at another moment between two heartbeats each time.
    await new Promise((resolve) => setTimeout(resolve, 20 + ((i * 137) % 300)));
    const answeredAt = await signOut(server.issuer, refreshToken);
    lastRefusal.push(Math.max(...(await Promise.all(refusals)).map(({ at }) => at)) - answeredAt);
  }
  await Promise.all(children.map((guard) => guard.stop()));
  return { guards, lastRefusal };
}

async function signOut(issuer: string, refreshToken: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${issuer}/logout`, { method: "POST", headers, body: JSON.stringify({ refreshToken }) });
  if (response.status !== 204) throw new Error(`${response.status} ${await response.text()}`);
  return moment();
}
