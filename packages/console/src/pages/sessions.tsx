import { useState } from "react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { call } from "../api/call.ts";
import { useAction, useSessions } from "../api/queries.ts";
import type { Session, User } from "../api/types.ts";
import { Badge, Empty } from "../parts/states.tsx";
import { ListTable } from "../parts/table.tsx";
import { When } from "../parts/when.tsx";
import { place, reasonInWords } from "../parts/words.ts";

/** Of a user. */
export function Sessions({ user }: { user: User }): ReactNode {
  const [withEnded, setWithEnded] = useState(true);
  const sessions = useSessions(user.id, withEnded);
  const rows = sessions.data?.pages.flatMap((page) => page.sessions) ?? [];
  return (
    <section>
      <div className="head">
        <h2>Sessions</h2>
        <label className="check">
          <input type="checkbox" checked={withEnded} onChange={(event) => setWithEnded(event.target.checked)} /> With those that
          ended
        </label>
      </div>
      <ListTable
        of={sessions}
        rows={rows}
        label="Sessions"
        columns={["Device", "State", "Last used"]}
        hasActions
        row={(session) => <SessionRow key={session.id} session={session} />}
        empty={<Empty title="No sessions." />}
      />
    </section>
  );
}

function SessionRow({ session }: { session: Session }): ReactNode {
  const { id, device, endedAt, endReason } = session;
  const isTheft = endReason === "refresh_token_reused";
  return (
    <tr>
      <th scope="row">
        <Link href={`/sessions/${id}`}>{place(device)}</Link>
        <small className="quiet">
          since <When at={session.createdAt} />
          {session.remember && ", remembered"}
        </small>
      </th>
      <td>
        {endedAt === null ? (
          <Badge tone="good">Live</Badge>
        ) : (
          <Badge tone={isTheft ? "bad" : "plain"}>{reasonInWords(endReason)}</Badge>
        )}
      </td>
      <td>
        <When at={session.lastUsedAt} />
      </td>
      <td className="actions end">{endedAt === null && <EndSession id={id} device={device.label} />}</td>
    </tr>
  );
}

export function EndSession({ id, device }: { id: string; device: string }): ReactNode {
  const end = useAction(
    () => call("DELETE", `/sessions/${encodeURIComponent(id)}`),
    () => `The session on ${device} has ended.`,
  );
  return (
    <button
      type="button"
      className="small"
      disabled={end.isPending}
      onClick={() => end.mutate(undefined)}
      aria-label={`End the session on ${device}`}
    >
      End
    </button>
  );
}
