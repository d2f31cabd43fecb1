import type { ReactNode } from "react";
import { Link } from "wouter";
import { useLineage } from "../api/queries.ts";
import type { Lineage } from "../api/types.ts";
import { LineagePicture } from "../parts/lineage-picture.tsx";
import { LineageStrip } from "../parts/lineage-strip.tsx";
import { Badge, Pending } from "../parts/states.tsx";
import { fullTime, When } from "../parts/when.tsx";
import { reasonInWords } from "../parts/words.ts";
import { EndSession } from "./sessions.tsx";

export function SessionPage({ id }: { id: string }): ReactNode {
  const lineage = useLineage(id);
  const user = lineage.data?.user ?? null;
  return (
    <>
      <p className="crumbs">
        <Link href="/users">Users</Link>
        {user !== null && <Link href={`/users/${user.id}`}>{user.email}</Link>}
      </p>
      <Pending of={lineage}>{lineage.data !== undefined && <Life id={id} lineage={lineage.data} />}</Pending>
    </>
  );
}

function Life({ id, lineage }: { id: string; lineage: Lineage }): ReactNode {
  const { session, steps, omitted } = lineage;
  const end = steps.findLast((step) => step.kind === "end");
  const isTheft = steps.some(({ kind }) => kind === "theft");
  const isLive = session !== null && session.endedAt === null;
  return (
    <>
      <div className="head">
        <div className="title">
          <h1>{session?.device.label ?? "A session that is no longer kept"}</h1>
          {isTheft ? (
            <Badge tone="bad">Stolen, and ended</Badge>
          ) : isLive ? (
            <Badge tone="good">Live</Badge>
          ) : (
            <Badge>Ended</Badge>
          )}
        </div>
        {isLive && <EndSession id={id} device={session.device.label} />}
      </div>
      <p className="summary">
        {isLive ? (
          <>
            Last used <When at={session.lastUsedAt} />; ends {fullTime(session.expiresAt)} if it is not used again.
          </>
        ) : end?.kind === "end" ? (
          <>
            {reasonInWords(end.reason)}
            {end.by !== null && (
              <>
                {" "}
                by <Link href={`/users/${end.by.id}`}>{end.by.email}</Link>
              </>
            )}
            , <When at={end.at} />. Nothing it gave out is good any more.
          </>
        ) : (
          "It has ended."
        )}
      </p>
      <LineageStrip lineage={lineage} />
      {omitted > 0 && <p className="quiet">{omitted} steps after the first are left out here; the audit has them all.</p>}
      <LineagePicture steps={steps} isLive={isLive} />
      <p className="quiet">
        Session <code className="clip">{id}</code> · <Link href={`/audit?session=${id}`}>every event in the audit</Link>
      </p>
    </>
  );
}
