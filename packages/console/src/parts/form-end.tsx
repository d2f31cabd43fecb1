import type { ReactNode } from "react";

/** What is wrong, and the buttons of a form in a dialog. */
export function FormEnd({ of, close, yes }: {
  of: { error: Error | null; isPending: boolean };
  close: () => void;
  yes: string;
}): ReactNode {
  return (
    <>
      <p className="wrong" role="alert">
        {of.error?.message}
      </p>
      <div className="actions end">
        <button type="button" onClick={close}>
          Cancel
        </button>
        <button type="submit" className="primary" disabled={of.isPending}>
          {yes}
        </button>
      </div>
    </>
  );
}
