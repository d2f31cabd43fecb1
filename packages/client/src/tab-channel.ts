import type { Environment } from "./environment.ts";
import type { Change } from "./session.ts";

/** Tells the other tabs of this origin what has changed, so that they need not ask. Only in memory, never stored. */
export interface TabChannel<Person> {
  tell(change: Change<Person>): void;
  close(): void;
}

export function openTabChannel<Person>(
  { page }: Environment,
  name: string,
  hear: (change: Change<Person>) => void,
): TabChannel<Person> {
  const channel = page?.openChannel?.(name);
  channel?.addEventListener("message", ({ data }) => {
    if (isChange<Person>(data)) hear(data);
  });
  return {
    tell(change) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel reaches its own origin only
      channel?.postMessage(change);
    },
    close: () => channel?.close(),
  };
}

/** Another tab may run another release of the app. */
function isChange<Person>(data: unknown): data is Change<Person> {
  return typeof data === "object" && data !== null && "at" in data && "tokens" in data && "reason" in data;
}
