import type { ReactNode } from "react";
import { call } from "../api/call.ts";
import { useAction, useKeys } from "../api/queries.ts";
import type { Key } from "../api/types.ts";
import { useConfirm } from "../parts/confirm.tsx";
import { KeyTimeline } from "../parts/key-timeline.tsx";
import { Badge, Pending } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import { fullTime, When } from "../parts/when.tsx";

const PURPOSES = [
  ["access", "Access tokens", "Guards fetch their public parts from the JWKS."],
  ["refresh", "Refresh tokens", "Known to the auth server alone."],
  ["browser", "Browser tokens", "CSRF tokens and the sign-in cookie. Not rotated: alone it opens nothing."],
] as const;

/** From what comes to what was. */
const STATES = ["upcoming", "active", "retiring", "gone"] as const;

export function KeysPage(): ReactNode {
  const keys = useKeys();
  return (
    <>
      <h1>Signing keys</h1>
      <Pending of={keys}>
        {PURPOSES.map(([purpose, title, text]) => {
          const own = STATES.flatMap((state) =>
            (keys.data ?? []).filter((key) => key.purpose === purpose && key.state === state),
          );
          return own.length === 0 ? null : <Ring key={purpose} purpose={purpose} title={title} text={text} keys={own} />;
        })}
      </Pending>
    </>
  );
}

function Ring({
  purpose,
  title,
  text,
  keys,
}: {
  purpose: Key["purpose"];
  title: string;
  text: string;
  keys: readonly Key[];
}): ReactNode {
  const ask = useConfirm();
  const rotate = useAction(
    (now: boolean) => call<{ key: Key }>("POST", "/keys/rotate", { purpose, now }),
    ({ key }) =>
      key.state === "active" ? "The next key signs from now on." : `The next key signs from ${fullTime(key.activatesAt ?? "")}.`,
  );

  async function rotateNow(): Promise<void> {
    const isSure = await ask({
      title: "Sign with the next key now?",
      text:
        "Tokens that were signed before stay good. A guard that has not fetched the next key yet fetches it at the first " +
        "token.",
      yes: "Rotate now",
    });
    if (isSure) rotate.mutate(true);
  }

  return (
    <section className="card">
      <div className="head">
        <div>
          <h2>{title}</h2>
          <p className="quiet">{text}</p>
        </div>
        {purpose !== "browser" && (
          <div className="actions">
            <button type="button" disabled={rotate.isPending} onClick={() => rotate.mutate(false)}>
              Rotate when ready
            </button>
            <button type="button" className="primary" disabled={rotate.isPending} onClick={() => void rotateNow()}>
              Rotate now
            </button>
          </div>
        )}
      </div>
      <KeyTimeline keys={keys} />
      <Table label={title} columns={["Key", "State", "What comes"]} hasActions>
        {keys.map((key) => (
          <tr key={key.kid}>
            <th scope="row">
              <code title={key.kid}>{key.kid.slice(0, 12)}…</code>
              <small className="quiet">
                {key.algorithm}
                {key.origin === "generated" ? "" : `, ${key.origin}`}
              </small>
            </th>
            <td>
              <StateBadge of={key} />
            </td>
            <td>
              <Fate of={key} />
            </td>
            <td className="actions end">{key.state !== "gone" && <Withdraw of={key} />}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

/** What is refused because of it, by the key's purpose. */
const REFUSED = {
  access:
    "Access tokens that it signed are refused within a second by guards that follow, by others once they fetch the keys " +
    "again. Apps renew theirs by themselves.",
  refresh: "Whoever has a refresh token that it signed has to sign in again.",
  browser: "People sign in anew on the hosted pages; browser apps fetch another CSRF token by themselves.",
} as const;

function Withdraw({ of: { kid, purpose, state } }: { of: Key }): ReactNode {
  const ask = useConfirm();
  const short = `${kid.slice(0, 12)}…`;
  const withdraw = useAction(
    () => call("POST", `/keys/${encodeURIComponent(kid)}/withdraw`),
    () => `${short} is taken out. What it signed is refused from now on.`,
  );

  async function withdrawIt(): Promise<void> {
    const refused = state === "upcoming" ? "It has signed nothing yet." : REFUSED[purpose];
    const next = state === "active" ? " The next key signs from now on." : "";
    const isSure = await ask({
      title: `Has ${short} been stolen?`,
      text: `It is taken out at once, for good. ${refused}${next}`,
      yes: "Withdraw the key",
      isDangerous: true,
    });
    if (isSure) withdraw.mutate(undefined);
  }

  return (
    <button
      type="button"
      className="small danger quiet-button"
      disabled={withdraw.isPending}
      onClick={() => void withdrawIt()}
      aria-label={`Withdraw ${short}`}
    >
      Withdraw
    </button>
  );
}

function StateBadge({ of: { state, compromised } }: { of: Key }): ReactNode {
  if (compromised) return <Badge tone="bad">Compromised</Badge>;
  const names = { upcoming: "Next", active: "Signs", retiring: "Verifies", gone: "Gone" } as const;
  return <Badge tone={state === "active" ? "good" : "plain"}>{names[state]}</Badge>;
}

function Fate({ of: { state, activatesAt, activatedAt, goneAt } }: { of: Key }): ReactNode {
  switch (state) {
    case "upcoming":
      return activatesAt === null ? "signs when it is needed" : <>signs <When at={activatesAt} /></>;
    case "active":
      return <>signs since <When at={activatedAt} /></>;
    case "retiring":
      return <>gone <When at={goneAt} /></>;
    case "gone":
      return <>since <When at={goneAt} /></>;
  }
}
