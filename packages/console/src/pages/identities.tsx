import type { ReactNode } from "react";
import { call } from "../api/call.ts";
import { useAction } from "../api/queries.ts";
import type { Identity, User, UserWithWays } from "../api/types.ts";
import { useConfirm } from "../parts/confirm.tsx";
import { Table } from "../parts/table.tsx";
import { When } from "../parts/when.tsx";

/** The accounts elsewhere that let a user in. */
export function Identities({ user, identities }: Pick<UserWithWays, "user" | "identities">): ReactNode {
  return (
    <section>
      <div className="head">
        <h2>Signs in with</h2>
      </div>
      <Table label="Signs in with" columns={["Account", "Connected"]} hasActions>
        {identities.map((identity) => (
          <Row key={`${identity.issuer} ${identity.subject}`} user={user} identity={identity} />
        ))}
      </Table>
    </section>
  );
}

function Row({ user, identity: { issuer, subject, label, linkedAt } }: { user: User; identity: Identity }): ReactNode {
  const ask = useConfirm();
  const query = new URLSearchParams({ issuer, subject }).toString();
  const remove = useAction(
    () => call("DELETE", `/users/${encodeURIComponent(user.id)}/identities?${query}`),
    () => `${user.email} is signed out everywhere, and not let in by ${issuer} any more.`,
  );
  async function confirmed(): Promise<void> {
    const text = `${user.email} is signed out everywhere. Without a password and without another account nothing lets them in.`;
    if (await ask({ title: "Disconnect this account?", text, yes: "Disconnect", isDangerous: true })) remove.mutate(undefined);
  }
  return (
    <tr>
      <th scope="row">
        {issuer}
        <small className="quiet">{label ?? subject}</small>
      </th>
      <td>
        <When at={linkedAt} />
      </td>
      <td className="actions end">
        <button
          type="button"
          className="small"
          disabled={remove.isPending}
          onClick={() => void confirmed()}
          aria-label={`Disconnect ${issuer}`}
        >
          Disconnect
        </button>
      </td>
    </tr>
  );
}
