import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "wouter";
import { call, withQuery } from "../api/call.ts";
import { useAudit } from "../api/queries.ts";
import type { AuditFilter } from "../api/queries.ts";
import type { AuditEvent, AuditPage as Page, Device } from "../api/types.ts";
import { Badge, Empty, More, Pending, Scroll } from "../parts/states.tsx";
import { fullTime } from "../parts/when.tsx";
import { EVENT_NAMES, eventName, eventTone, place } from "../parts/words.ts";

/** Most of what happens, and the least of what anybody looks for. */
const BUT_REFRESHES = Object.keys(EVENT_NAMES).filter((type) => !/^refresh(?:_repeated)?$/.test(type)).join(",");
const LOOK_EVERY_MS = 1000;
/** More than anybody reads while it goes by. */
const MAX_LIVE = 500;

export function AuditPage(): ReactNode {
  const [search, setSearch] = useSearchParams();
  const filter: AuditFilter = {
    type: search.get("type") ?? "",
    user: search.get("user") ?? "",
    session: search.get("session") ?? "",
    ip: search.get("ip") ?? "",
    since: search.get("since") ?? "",
    until: search.get("until") ?? "",
  };
  const [isLive, setLive] = useState(false);
  const audit = useAudit(filter);
  const pages = audit.data?.pages ?? [];
  const listed = pages.flatMap(({ events }) => events);
  // What has an end has no news.
  const hasEnd = filter.until !== "";
  const news = useNews(filter, isLive && !hasEnd && audit.data !== undefined, pages[0]?.last ?? 0);
  const events = [...news.events.filter(({ id }) => id > (listed[0]?.id ?? 0)), ...listed];
  const users = Object.assign({}, ...pages.map((page) => page.users), news.users) as Record<string, string>;

  function set(name: keyof AuditFilter, value: string): void {
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === "") after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true },
    );
  }

  return (
    <>
      <div className="head">
        <h1>Audit</h1>
        <button type="button" disabled={hasEnd} aria-pressed={isLive && !hasEnd} className={isLive && !hasEnd ? "live-on" : ""} onClick={() => setLive(!isLive)}>
          <span className="dot" aria-hidden="true" /> Live tail
        </button>
      </div>
      <form className="filters many" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          Event
          <select value={filter.type} onChange={(event) => set("type", event.target.value)}>
            <option value="">Any</option>
            <option value={BUT_REFRESHES}>Any but refreshes</option>
            {Object.entries(EVENT_NAMES).map(([type, name]) => (
              <option key={type} value={type}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          User id
          <input value={filter.user} placeholder="any" onChange={(event) => set("user", event.target.value.trim())} />
        </label>
        <label>
          Session id
          <input value={filter.session} placeholder="any" onChange={(event) => set("session", event.target.value.trim())} />
        </label>
        <label>
          Address
          <input value={filter.ip} placeholder="any" onChange={(event) => set("ip", event.target.value.trim())} />
        </label>
        <TimeField name="From" value={filter.since} set={(value) => set("since", value)} />
        <TimeField name="Until" value={filter.until} set={(value) => set("until", value)} />
      </form>
      <Pending of={audit}>
        {events.length === 0 ? (
          <Empty title={audit.hasNextPage ? "Nothing of the kind among the newest million events." : "Nothing of the kind has happened."} />
        ) : (
          <Scroll label="Events">
            <table className="events cards">
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">What</th>
                  <th scope="col">Who</th>
                  <th scope="col">From</th>
                  <th scope="col">Detail</th>
                </tr>
              </thead>
              <tbody>
                {events.map((event) => (
                  <Row key={event.id} event={event} users={users} />
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
        <More of={audit} />
      </Pending>
    </>
  );
}

/** What has come since, asked for once a second. */
function useNews(filter: AuditFilter, isOn: boolean, after: number): { events: readonly AuditEvent[]; users: Record<string, string> } {
  const [news, setNews] = useState<{ events: readonly AuditEvent[]; users: Record<string, string> }>({ events: [], users: {} });
  const { type, user, session, ip } = filter;
  useEffect(() => {
    if (!isOn) return;
    let [last, isBusy, isOver] = [after, false, false];
    setNews({ events: [], users: {} });
    async function look(): Promise<void> {
      if (isBusy) return;
      isBusy = true;
      try {
        const page = await call<Page>("GET", withQuery("/audit", { type, user, session, ip, after: last, limit: 200 }));
        last = page.next === null ? page.last : Number(page.next);
        if (!isOver && page.events.length > 0) {
          const fresh = page.events.toReversed();
          setNews((before) => ({ events: [...fresh, ...before.events].slice(0, MAX_LIVE), users: { ...before.users, ...page.users } }));
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

function TimeField({ name, value, set }: { name: string; value: string; set: (value: string) => void }): ReactNode {
  return (
    <label className="time">
      {name}
      <input
        type="datetime-local"
        value={value === "" ? "" : localTime(value)}
        onChange={({ target }) => set(target.value === "" ? "" : new Date(target.value).toISOString())}
      />
    </label>
  );
}

/** As the field has it: in the time of this place, without saying so. */
function localTime(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function Row({ event, users }: { event: AuditEvent; users: Record<string, string> }): ReactNode {
  const { at, type, userId, sessionId, ip, userAgent, detail } = event;
  const { by, ...rest } = detail as { by?: { id: string; email: string } } & Record<string, unknown>;
  const who = userId === null ? null : (users[userId] ?? userId);
  return (
    <tr>
      <td>
        <time dateTime={at}>{fullTime(at)}</time>
      </td>
      <td>
        <Badge tone={eventTone(type)}>{eventName(type)}</Badge>
      </td>
      <td>
        {userId === null ? <span className="quiet">{typeof rest["email"] === "string" ? rest["email"] : "—"}</span> : <Link href={`/users/${userId}`}>{who}</Link>}
        {by !== undefined && (
          <small className="quiet">
            by <Link href={`/users/${by.id}`}>{by.email}</Link>
          </small>
        )}
      </td>
      <td>
        {ip === null ? (
          "—"
        ) : (
          <Link href={`/audit?ip=${encodeURIComponent(ip)}`} title={userAgent ?? undefined}>
            {ip}
          </Link>
        )}
      </td>
      <td>
        {sessionId !== null && <Link href={`/sessions/${sessionId}`}>session</Link>} <Detail of={rest} />
      </td>
    </tr>
  );
}

/** Devices and changes as people say them; whatever else there is as it came. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  if ("label" in value) return place(value as Device);
  const entries = Object.entries(value as Record<string, unknown>);
  if ("from" in value && "to" in value) return `${String(value.from)} → ${String(value.to)}`;
  return entries.map(([name, one]) => `${name} ${shown(one)}`).join(", ");
}

/** `presentedBy` as "presented by". */
function words(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function Detail({ of }: { of: Readonly<Record<string, unknown>> }): ReactNode {
  const entries = Object.entries(of).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0));
  return (
    <span className="detail">
      {entries.map(([name, value]) => (
        <span key={name}>
          <span className="quiet">{words(name)}</span> {shown(value)}{" "}
        </span>
      ))}
    </span>
  );
}
