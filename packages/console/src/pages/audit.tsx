import { useState } from "react";
import type { ReactNode } from "react";
import { useAudit } from "../api/queries.ts";
import type { AuditFilter } from "../api/queries.ts";
import { useFilter } from "../parts/filter.ts";
import { Empty } from "../parts/states.tsx";
import { ListTable } from "../parts/table.tsx";
import { EVENT_NAMES } from "../parts/words.ts";
import { useNews } from "./audit-news.ts";
import { AuditRow } from "./audit-row.tsx";

/** Most of what happens, and the least of what anybody looks for. */
const BUT_REFRESHES = Object.keys(EVENT_NAMES)
  .filter((type) => !/^refresh(?:_repeated)?$/.test(type))
  .join(",");
const NONE_AMONG_NEWEST = "Nothing of the kind among the newest million events.";

export function AuditPage(): ReactNode {
  const [get, set] = useFilter();
  const filter: AuditFilter = {
    type: get("type"),
    user: get("user"),
    session: get("session"),
    ip: get("ip"),
    since: get("since"),
    until: get("until"),
  };
  const [isLive, setLive] = useState(false);
  const audit = useAudit(filter);
  const pages = audit.data?.pages ?? [];
  const listed = pages.flatMap(({ events }) => events);
  // What has an end has no news.
  const hasEnd = filter.until !== "";
  const isTold = isLive && !hasEnd;
  const news = useNews(filter, isTold && audit.data !== undefined, pages[0]?.last ?? 0);
  const events = [...news.events.filter(({ id }) => id > (listed[0]?.id ?? 0)), ...listed];
  const users = Object.assign({}, ...pages.map((page) => page.users), news.users) as Record<string, string>;

  return (
    <>
      <div className="head">
        <h1>Audit</h1>
        <button
          type="button"
          disabled={hasEnd}
          aria-pressed={isTold}
          className={isTold ? "live-on" : ""}
          onClick={() => setLive(!isLive)}
        >
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
      <ListTable
        of={audit}
        rows={events}
        label="Events"
        className="events cards"
        columns={["When", "What", "Who", "From", "Detail"]}
        row={(event) => <AuditRow key={event.id} event={event} users={users} />}
        empty={<Empty title={audit.hasNextPage ? NONE_AMONG_NEWEST : "Nothing of the kind has happened."} />}
      />
    </>
  );
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
