import { useState } from "react";
import type { ReactNode, SubmitEvent } from "react";
import { Link, useLocation } from "wouter";
import { call } from "../api/call.ts";
import { useAction, useUsers } from "../api/queries.ts";
import type { User } from "../api/types.ts";
import { Dialog } from "../parts/dialog.tsx";
import { useFilter } from "../parts/filter.ts";
import { FormEnd } from "../parts/form-end.tsx";
import { useSettled } from "../parts/settled.ts";
import { Badge, Empty } from "../parts/states.tsx";
import { ListTable } from "../parts/table.tsx";
import { When } from "../parts/when.tsx";

export function UsersPage(): ReactNode {
  const [get, set] = useFilter();
  const filter = { text: get("text"), role: get("role"), disabled: get("disabled") === "true" };
  const users = useUsers({ ...filter, text: useSettled(filter.text), role: useSettled(filter.role) });
  const [isCreating, setCreating] = useState(false);
  const rows = users.data?.pages.flatMap((page) => page.users) ?? [];

  return (
    <>
      <div className="head">
        <h1>Users</h1>
        <button type="button" className="primary" onClick={() => setCreating(true)}>
          Create a user
        </button>
      </div>
      <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label className="grow">
          Find
          <input
            type="search"
            value={filter.text}
            placeholder="E-mail, name or id"
            autoFocus
            onChange={(event) => set("text", event.target.value)}
          />
        </label>
        <label>
          Role
          <input value={filter.role} placeholder="any" size={10} onChange={(event) => set("role", event.target.value)} />
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={filter.disabled}
            onChange={(event) => set("disabled", event.target.checked ? "true" : "")}
          />
          Only disabled
        </label>
      </form>
      <ListTable
        of={users}
        rows={rows}
        label="Users"
        columns={["User", "Roles", "Joined"]}
        row={(user) => <UserRow key={user.id} user={user} />}
        empty={
          <Empty title="Nobody is found.">
            <p>Every word has to begin a word of the e-mail or the name.</p>
          </Empty>
        }
      />
      {isCreating && <CreateUser close={() => setCreating(false)} />}
    </>
  );
}

function UserRow({ user }: { user: User }): ReactNode {
  return (
    <tr>
      <th scope="row">
        <Link href={`/users/${user.id}`}>{user.email}</Link>
        <small className="quiet">{user.name}</small>
      </th>
      <td>
        <Roles roles={user.roles} /> {user.disabledAt !== null && <Badge tone="bad">Disabled</Badge>}
      </td>
      <td>
        <When at={user.createdAt} />
      </td>
    </tr>
  );
}

function Roles({ roles }: { roles: readonly string[] }): ReactNode {
  return roles.map((role) => (
    <span key={role}>
      <Badge tone={role === "admin" ? "warn" : "plain"}>{role}</Badge>{" "}
    </span>
  ));
}

function CreateUser({ close }: { close: () => void }): ReactNode {
  const [, go] = useLocation();
  const create = useAction(
    (body: object) => call<{ user: User }>("POST", "/users", body),
    ({ user }) => `${user.email} is a user now.`,
  );

  function send(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const { email, password, name, roles } = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    const body = { email, password, roles: rolesOf(roles ?? ""), ...(name?.trim() ? { name } : {}) };
    create.mutate(body, {
      onSuccess({ user }) {
        close();
        go(`/users/${user.id}`);
      },
    });
  }

  return (
    <Dialog title="Create a user" close={close}>
      <form className="fields" onSubmit={send}>
        <label>
          E-mail
          <input name="email" type="email" required autoComplete="off" />
        </label>
        <label>
          Name <small className="quiet">optional</small>
          <input name="name" autoComplete="off" />
        </label>
        <label>
          Password
          <input name="password" type="password" required minLength={8} autoComplete="new-password" />
        </label>
        <label>
          Roles
          <input name="roles" defaultValue="user" autoComplete="off" />
        </label>
        <FormEnd of={create} close={close} yes="Create" />
      </form>
    </Dialog>
  );
}

export function rolesOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
