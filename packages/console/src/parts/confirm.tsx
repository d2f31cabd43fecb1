import { createContext, useCallback, useContext, useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";

export interface Question {
  readonly title: string;
  /** What follows from it. */
  readonly text: string;
  readonly yes: string;
  readonly isDangerous?: boolean;
}

type Ask = (question: Question) => Promise<boolean>;

const ConfirmContext = createContext<Ask>(async () => false);

/** Asks before what cannot be taken back, or hits many. */
export function useConfirm(): Ask {
  return useContext(ConfirmContext);
}

export function Confirmations({ children }: { children: ReactNode }): ReactNode {
  const [open, setOpen] = useState<{ question: Question; answer: (yes: boolean) => void } | null>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const ask = useCallback<Ask>((question) => new Promise((answer) => setOpen({ question, answer })), []);
  useEffect(() => {
    if (open !== null) dialog.current?.showModal();
  }, [open]);

  function close(yes: boolean): void {
    open?.answer(yes);
    setOpen(null);
  }

  return (
    <ConfirmContext value={ask}>
      {children}
      {open !== null && (
        <dialog ref={dialog} aria-labelledby="question" onClose={() => close(false)}>
          <form method="dialog">
            <h2 id="question">{open.question.title}</h2>
            <p>{open.question.text}</p>
            <div className="actions end">
              <button type="button" onClick={() => close(false)}>
                Cancel
              </button>
              <button
                type="button"
                className={open.question.isDangerous === true ? "danger" : "primary"}
                onClick={() => close(true)}
              >
                {open.question.yes}
              </button>
            </div>
          </form>
        </dialog>
      )}
    </ConfirmContext>
  );
}
