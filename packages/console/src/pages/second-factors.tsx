import type { ReactNode } from "react";
import { call } from "../api/call.ts";
import { useAction } from "../api/queries.ts";
import type { SecondFactors as Factors, User } from "../api/types.ts";
import { useConfirm } from "../parts/confirm.tsx";
import { Table } from "../parts/table.tsx";
import { When } from "../parts/when.tsx";

/** Whether signing in takes a second step. */
export function hasAny({ totp, passkeys }: Factors): boolean {
  return totp || passkeys.length > 0;
}

/** What a user takes the second step of signing in with, and the way out for who has lost it. */
export function SecondFactors({
  user,
  factors: { totp, passkeys, recoveryCodesLeft },
}: {
  user: User;
  factors: Factors;
}): ReactNode {
  const ask = useConfirm();
  const reset = useAction(
    () => call("DELETE", `/users/${encodeURIComponent(user.id)}/second-factors`),
    () => `${user.email} has no second factors any more, and was written of it.`,
  );
  async function confirmed(): Promise<void> {
    const text =
      `From then on the password alone lets ${user.email} in. Make sure that it is them who ask: whoever talks you into ` +
      "this needs their password only.";
    if (await ask({ title: "Reset second factors?", text, yes: "Reset", isDangerous: true })) reset.mutate(undefined);
  }
  return (
    <section>
      <div className="head">
        <h2>Second factors</h2>
        <button type="button" className="small" disabled={reset.isPending} onClick={() => void confirmed()}>
          Reset
        </button>
      </div>
      <Table label="Second factors" columns={["Kind", "Last used"]}>
        {totp && (
          <tr>
            <th scope="row">Authenticator app</th>
            <td className="quiet">not kept</td>
          </tr>
        )}
        {passkeys.map(({ id, name, lastUsedAt }) => (
          <tr key={id}>
            <th scope="row">
              {name}
              <small className="quiet">Passkey</small>
            </th>
            <td>{lastUsedAt === null ? <span className="quiet">never</span> : <When at={lastUsedAt} />}</td>
          </tr>
        ))}
        <tr>
          <th scope="row">Recovery codes</th>
          <td>{recoveryCodesLeft} left</td>
        </tr>
      </Table>
    </section>
  );
}
