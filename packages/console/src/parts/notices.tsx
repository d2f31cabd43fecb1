import { createContext, useCallback, useContext, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";

type Kind = "good" | "bad";

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: Kind;
}

const NoticeContext = createContext<{ tell: (text: string, kind?: Kind) => void }>({ tell() {} });
const SHOWN_MS = 6000;

export function useNotices(): { tell: (text: string, kind?: Kind) => void } {
  return useContext(NoticeContext);
}

/** Tells of what was done, aloud as well. */
export function Notices({ children }: { children: ReactNode }): ReactNode {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const count = useRef(0);
  const tell = useCallback((text: string, kind: Kind = "good") => {
    const id = ++count.current;
    setNotices((all) => [...all.slice(-2), { id, text, kind }]);
    setTimeout(() => setNotices((all) => all.filter((notice) => notice.id !== id)), SHOWN_MS);
  }, []);
  const value = useMemo(() => ({ tell }), [tell]);
  return (
    <NoticeContext value={value}>
      {children}
      <div className="notices" role="status">
        {notices.map(({ id, text, kind }) => (
          <p key={id} className={`notice ${kind}`}>
            {text}
          </p>
        ))}
      </div>
    </NoticeContext>
  );
}
