import { useEffect, useId, useRef } from "react";
import type { ReactNode } from "react";

/** In front of everything, and closed by Escape. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ReactNode }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={close}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
