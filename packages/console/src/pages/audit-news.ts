import { useEffect, useState } from "react";
import { call, withQuery } from "../api/call.ts";
import type { AuditFilter } from "../api/queries.ts";
import type { AuditEvent, AuditPage } from "../api/types.ts";

const LOOK_EVERY_MS = 1000;
/** More than anybody reads while it goes by. */
const MAX_LIVE = 500;

interface News {
  readonly events: readonly AuditEvent[];
  /** E-mails by ids. */
  readonly users: Record<string, string>;
}

/** What has come since, asked for once a second. */
export function useNews(filter: AuditFilter, isOn: boolean, after: number): News {
  const [news, setNews] = useState<News>({ events: [], users: {} });
  const { type, user, session, ip } = filter;
  useEffect(() => {
    if (!isOn) return;
    let [last, isBusy, isOver] = [after, false, false];
    setNews({ events: [], users: {} });
    async function look(): Promise<void> {
      if (isBusy) return;
      isBusy = true;
      try {
        const page = await call<AuditPage>("GET", withQuery("/audit", { type, user, session, ip, after: last, limit: 200 }));
        last = page.next === null ? page.last : Number(page.next);
        if (!isOver && page.events.length > 0) {
          const fresh = page.events.toReversed();
          setNews((before) => ({
            events: [...fresh, ...before.events].slice(0, MAX_LIVE),
            users: { ...before.users, ...page.users },
          }));
        }
      } catch {
        // The next look tries again.
      } finally {
        isBusy = false;
      }
    }
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
    // Not with each event that comes: `after` is only where it begins.
  }, [isOn, type, user, session, ip]);
  return news;
}
