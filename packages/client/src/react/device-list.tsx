import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import type { Session } from "@ostiary/protocol";
import { useAuth, useAuthClient } from "./auth-context.tsx";
import { ENGLISH, explain } from "./texts.ts";
import type { AuthTexts } from "./texts.ts";

export interface DeviceListProps {
  readonly texts?: Partial<AuthTexts> | undefined;
  /** For dates: `en-GB`. Default: the browser's. */
  readonly locale?: string | undefined;
  readonly className?: string | undefined;
}

/** The devices the user is signed in on, each with a button that signs it out. */
export function DeviceList(props: DeviceListProps): ReactNode {
  const { user } = useAuth();
  // The key: whoever signs in next is not shown the devices of whoever was signed in before.
  return user === null ? null : <Devices key={user.id} {...props} />;
}

function Devices({ locale, className = "", ...props }: DeviceListProps): ReactNode {
  const { listSessions, revokeSession, logout } = useAuthClient();
  const texts = { ...ENGLISH, ...props.texts };
  const [devices, setDevices] = useState<readonly Session[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);

  useEffect(() => {
    let isWanted = true;
    listSessions().then(
      (sessions) => isWanted && setDevices(sessions),
      (error: unknown) => isWanted && setFailure(error),
    );
    return () => {
      isWanted = false;
    };
  }, [listSessions]);

  async function signOut({ id, current }: Session): Promise<void> {
    setFailure(null);
    try {
      await (current ? logout() : revokeSession(id));
      setDevices((known) => known?.filter((device) => device.id !== id) ?? null);
    } catch (error) {
      setFailure(error);
    }
  }

  const dates = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  return (
    <div className={`ostiary-devices ${className}`.trim()} aria-busy={devices === null && failure === null}>
      <p className="ostiary-error" role="alert">
        {failure !== null && explain(failure, texts).text}
      </p>
      {devices === null && failure === null && <p>{texts.loading}</p>}
      <ul>
        {devices?.map((device) => (
          <li key={device.id} className="ostiary-device">
            <div>
              <strong>{device.device}</strong> {device.current && <em>{texts.thisDevice}</em>}
              <small>
                {texts.lastUsed(dates.format(new Date(device.lastUsedAt)))}
                {device.ip !== null && ` · ${device.ip}`}
              </small>
            </div>
            <button type="button" aria-label={`${texts.signOutDevice}: ${device.device}`} onClick={() => void signOut(device)}>
              {texts.signOutDevice}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
