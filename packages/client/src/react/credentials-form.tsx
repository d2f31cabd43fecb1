import { useEffect, useId, useRef, useState } from "react";
import type { ReactNode, SubmitEvent } from "react";
import type { User } from "@ostiary/protocol";
import { explain } from "./texts.ts";
import type { AuthTexts } from "./texts.ts";

/** What both forms take. */
export interface FormProps {
  /** Called after success, beside the change that every `useAuth` sees. */
  readonly onSuccess?: ((user: User) => void) | undefined;
  readonly texts?: Partial<AuthTexts> | undefined;
  /** Beside the component's own. */
  readonly className?: string | undefined;
  /** Under the button: links to the other form, to a forgotten password. */
  readonly children?: ReactNode;
}

export interface Field {
  readonly name: string;
  readonly type: "email" | "password" | "text";
  readonly label: string;
  readonly autoComplete: string;
  readonly isOptional?: boolean;
}

interface CredentialsFormProps extends FormProps {
  readonly texts: AuthTexts;
  readonly fields: readonly Field[];
  /** A box to tick, named `remember`. */
  readonly remember: string | null;
  readonly submitLabel: string;
  readonly submit: (values: FormData) => Promise<User>;
}

/** A form that says what is wrong, aloud and beside the field, and puts the cursor there. The password is never kept. */
export function CredentialsForm(props: CredentialsFormProps): ReactNode {
  const { fields, texts, submit, onSuccess, className = "" } = props;
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ReturnType<typeof explain> | null>(null);

  useEffect(() => {
    if (failure === null) return;
    const input = form.current?.elements.namedItem(failure.field ?? "");
    if (input instanceof HTMLInputElement) input.focus();
  }, [failure]);

  async function send(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    const values = new FormData(event.currentTarget);
    setBusy(true);
    setFailure(null);
    try {
      const user = await submit(values);
      onSuccess?.(user);
    } catch (error) {
      setFailure(explain(error, texts));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      ref={form}
      className={`ostiary-form ${className}`.trim()}
      method="post"
      aria-busy={isBusy}
      onSubmit={(event) => void send(event)}
    >
      {fields.map(({ name, type, label, autoComplete, isOptional = false }) => {
        const isWrong = failure?.field === name;
        return (
          <div key={name} className="ostiary-field">
            <label htmlFor={id + name}>{label}</label>
            <input
              id={id + name}
              name={name}
              type={type}
              autoComplete={autoComplete}
              required={!isOptional}
              aria-invalid={isWrong}
              aria-describedby={isWrong ? `${id}error` : undefined}
            />
          </div>
        );
      })}
      {props.remember !== null && (
        <label className="ostiary-check">
          <input type="checkbox" name="remember" /> {props.remember}
        </label>
      )}
      <p id={`${id}error`} className="ostiary-error" role="alert">
        {failure?.text}
      </p>
      <button type="submit" disabled={isBusy}>
        {props.submitLabel}
      </button>
      {props.children}
    </form>
  );
}

/** What somebody typed. */
export function textOf(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
