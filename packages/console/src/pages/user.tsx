import { useState } from "react";
import type { ReactNode, SubmitEvent } from "react";
import { Link } from "wouter";
import { call } from "../api/call.ts";
import { useAction, useUser } from "../api/queries.ts";
import type { User, UserWithWays } from "../api/types.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { Badge, Pending } from "../parts/states.tsx";
import { fullTime } from "../parts/when.tsx";
import { ApiKeys } from "./api-keys.tsx";
import { Identities } from "./identities.tsx";
import { hasAny, SecondFactors } from "./second-factors.tsx";
import { Sessions } from "./sessions.tsx";
import { UserActions } from "./user-actions.tsx";
import { rolesOf } from "./users.tsx";

export function UserPage({ id }: { id: string }): ReactNode {
  const user = useUser(id);
  return (
    <>
      <p className="crumbs">
        <Link href="/users">Users</Link>
      </p>
      <Pending of={user}>{user.data !== undefined && <Details {...user.data} />}</Pending>
    </>
  );
}

function Details({ user, identities, secondFactors }: UserWithWays): ReactNode {
  return (
    <>
      <div className="head">
        <div className="title">
          <h1 className="clip">{user.email}</h1>
          {user.disabledAt !== null && <Badge tone="bad">Disabled</Badge>}
        </div>
      </div>
      {/* First: who is called at night comes for these. */}
      <Sessions user={user} />
      {identities.length > 0 && <Identities user={user} identities={identities} />}
      {hasAny(secondFactors) && <SecondFactors user={user} factors={secondFactors} />}
      <ApiKeys owner={{ userId: user.id }} mayMake={user.disabledAt === null} />
      <div className="columns">
        <section className="card">
          <h2>Account</h2>
          <dl className="facts">
            <dt>Name</dt>
            <dd>{user.name ?? <span className="quiet">none</span>}</dd>
            <dt>Id</dt>
            <dd>
              <code className="clip">{user.id}</code> <CopyButton text={user.id} what="the id" />
            </dd>
            <dt>Joined</dt>
            <dd>{fullTime(user.createdAt)}</dd>
            <dt>Audit</dt>
            <dd>
              <Link href={`/audit?user=${user.id}`}>What happened</Link>
            </dd>
          </dl>
          <RolesForm key={user.roles.join()} user={user} />
        </section>
        <UserActions user={user} />
      </div>
    </>
  );
}

function RolesForm({ user }: { user: User }): ReactNode {
  const [text, setText] = useState(user.roles.join(" "));
  const save = useAction(
    (roles: string[]) => call("PATCH", `/users/${user.id}`, { roles }),
    () => "The roles are changed. Tokens with the old ones are refused from now on.",
  );
  function send(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    save.mutate(rolesOf(text));
  }
  return (
    <form className="inline" onSubmit={send}>
      <label className="grow">
        Roles
        <input value={text} autoComplete="off" onChange={(event) => setText(event.target.value)} />
      </label>
      <button type="submit" disabled={save.isPending || rolesOf(text).join(" ") === user.roles.join(" ")}>
        Save roles
      </button>
    </form>
  );
}
