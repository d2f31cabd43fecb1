import type { ReactNode } from "react";

/** A door that stands ajar. */
export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path
        d="M5 21V6a4 4 0 0 1 4-4h6a4 4 0 0 1 4 4v15"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <path d="M9 21.5V7.2l6-1.7v17.6z" fill="currentColor" />
      <circle cx="12.9" cy="14" r="1" fill="var(--page)" />
    </svg>
  );
}
