import type { ReactNode } from "react";
import { Link } from "wouter";
import type { AuditEvent, Device } from "../api/types.ts";
import { Badge } from "../parts/states.tsx";
import { fullTime } from "../parts/when.tsx";
import { eventName, eventTone, place } from "../parts/words.ts";

export function AuditRow({ event, users }: { event: AuditEvent; users: Record<string, string> }): ReactNode {
  const { at, type, userId, sessionId, ip, userAgent, detail } = event;
  const { by, ...rest } = detail as { by?: { id: string; email: string } } & Record<string, unknown>;
  return (
    <tr>
      <td>
        <time dateTime={at}>{fullTime(at)}</time>
      </td>
      <td>
        <Badge tone={eventTone(type)}>{eventName(type)}</Badge>
      </td>
      <td>
        {userId === null ? (
          <span className="quiet">{typeof rest["email"] === "string" ? rest["email"] : "—"}</span>
        ) : (
          <Link href={`/users/${userId}`}>{users[userId] ?? userId}</Link>
        )}
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
  const isNothing = (value: unknown): boolean => value === null || value === "" || (Array.isArray(value) && value.length === 0);
  const entries = Object.entries(of).filter(([, value]) => !isNothing(value));
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
