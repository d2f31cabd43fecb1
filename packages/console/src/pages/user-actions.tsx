import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { call } from "../api/call.ts";
import { useAction } from "../api/queries.ts";
import type { User } from "../api/types.ts";
import { useConfirm } from "../parts/confirm.tsx";

/** What an administrator can do to a user. */
export function UserActions({ user }: { user: User }): ReactNode {
  const ask = useConfirm();
  const [, go] = useLocation();
  const path = `/users/${user.id}`;
  const signOut = useAction(() => call("POST", `${path}/sign-out`), () => `${user.email} is signed out everywhere.`);
  const disable = useAction(() => call("POST", `${path}/disable`), () => `${user.email} is signed out and cannot sign in.`);
  const enable = useAction(() => call("POST", `${path}/enable`), () => `${user.email} can sign in again.`);
  const unlock = useAction(
    () => call("POST", `${path}/unlock`),
    () => `The wrong passwords and codes that were tried for ${user.email} are forgotten.`,
  );
  const remove = useAction(() => call("DELETE", path), () => `${user.email} is deleted.`);

  async function confirmed(question: Parameters<typeof ask>[0], then: () => void): Promise<void> {
    if (await ask(question)) then();
  }

  return (
    <section className="card">
      <h2>Actions</h2>
      <ul className="deeds">
        <li>
          <div>
            <strong>Sign out everywhere</strong>
            <small className="quiet">Every device, and every API with a guard, at once. API keys stay.</small>
          </div>
          <button
            type="button"
            disabled={signOut.isPending}
            onClick={() =>
              void confirmed(
                {
                  title: "Sign out everywhere?",
                  text: `All sessions of ${user.email} end now. They can sign in again.`,
                  yes: "Sign out everywhere",
                  isDangerous: true,
                },
                () => signOut.mutate(undefined),
              )
            }
          >
            Sign out
          </button>
        </li>
        <li>
          <div>
            <strong>Unlock</strong>
            <small className="quiet">Forgets the wrong passwords and codes tried, so that the right ones work at once.</small>
          </div>
          <button type="button" disabled={unlock.isPending} onClick={() => unlock.mutate(undefined)}>
            Unlock
          </button>
        </li>
        {user.disabledAt === null ? (
          <li>
            <div>
              <strong>Disable</strong>
              <small className="quiet">Signs out everywhere, ends all API keys, and keeps out.</small>
            </div>
            <button
              type="button"
              disabled={disable.isPending}
              onClick={() =>
                void confirmed(
                  {
                    title: "Disable this user?",
                    text:
                      `${user.email} is signed out everywhere and cannot sign in until enabled again. Their API keys end ` +
                      "for good.",
                    yes: "Disable",
                    isDangerous: true,
                  },
                  () => disable.mutate(undefined),
                )
              }
            >
              Disable
            </button>
          </li>
        ) : (
          <li>
            <div>
              <strong>Enable</strong>
              <small className="quiet">Lets them sign in again. What was ended stays ended.</small>
            </div>
            <button type="button" disabled={enable.isPending} onClick={() => enable.mutate(undefined)}>
              Enable
            </button>
          </li>
        )}
        <li>
          <div>
            <strong>Delete</strong>
            <small className="quiet">For good. The audit keeps what happened.</small>
          </div>
          <button
            type="button"
            className="danger quiet-button"
            disabled={remove.isPending}
            onClick={() =>
              void confirmed(
                {
                  title: "Delete this user?",
                  text: `${user.email} is signed out everywhere and deleted. This cannot be undone.`,
                  yes: "Delete for good",
                  isDangerous: true,
                },
                () => remove.mutate(undefined, { onSuccess: () => go("/users") }),
              )
            }
          >
            Delete
          </button>
        </li>
      </ul>
    </section>
  );
}
