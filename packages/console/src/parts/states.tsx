import type { ReactNode } from "react";
import { Refusal } from "../api/call.ts";

/** What stands in place of something that is not there yet, or cannot be had. */
export function Pending({
  of,
  children,
}: {
  of: { isPending: boolean; error: Error | null; refetch: () => unknown };
  children: ReactNode;
}): ReactNode {
  if (of.isPending) return <Loading />;
  if (of.error !== null) return <Failure error={of.error} retry={() => void of.refetch()} />;
  return children;
}

export function Loading(): ReactNode {
  return (
    <p className="state" role="status">
      <span className="spinner" aria-hidden="true" /> Loading…
    </p>
  );
}

function Failure({ error, retry }: { error: Error; retry: () => void }): ReactNode {
  const isGone = error instanceof Refusal && error.status === 404;
  return (
    <div className="state" role="alert">
      <p>{isGone ? "There is nothing here any more." : error.message}</p>
      {!isGone && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  return (
    <div className="state empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

export function Badge({
  tone = "plain",
  children,
}: {
  tone?: "good" | "bad" | "warn" | "plain";
  children: ReactNode;
}): ReactNode {
  return <span className={`badge ${tone}`}>{children}</span>;
}

/** More of a list, when asked for. */
export function More({
  of,
}: {
  of: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}): ReactNode {
  if (!of.hasNextPage) return null;
  return (
    <p className="more">
      <button type="button" disabled={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
        {of.isFetchingNextPage ? "Loading…" : "Show more"}
      </button>
    </p>
  );
}

/** Tables wider than the screen scroll by themselves, also by keyboard. */
export function Scroll({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <div className="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
