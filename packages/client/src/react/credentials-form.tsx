import { useEffect, useId, useRef, useState } from "react";
import type { ReactNode, SubmitEvent } from "react";
import type { User } from "@ostiary/protocol";
import { explain } from "./texts.ts";
import type { AuthTexts } from "./texts.ts";

/** What both forms take. */
export interface FormProps {
  /** Called after success, beside the change that every `useAuth` sees; not where a mail has to be answered first. */
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
  /** What phones show to type it with. Default: letters. */
  readonly inputMode?: "numeric";
}

interface CredentialsFormProps extends FormProps {
  readonly texts: AuthTexts;
  /** Above the fields. */
  readonly intro?: string;
  readonly fields: readonly Field[];
  /** A box to tick, named `remember`. */
  readonly remember: string | null;
  readonly submitLabel: string;
  /** Null: a mail is on its way, and nobody is signed in before it was answered. */
  readonly submit: (values: FormData) => Promise<User | null>;
  /** Other ways to the same end, as buttons below. Without fields they are all there is. */
  readonly ways?: readonly Way[];
  /** Told of each failure; true: nothing is to be shown of it. */
  readonly onFailure?: (error: unknown) => boolean;
}

/** Another way than to fill in the form: one that signs in, or that leads elsewhere. */
export interface Way {
  readonly label: string;
  readonly take: () => Promise<User> | void;
}

/** A form that says what is wrong, aloud and beside the field, and puts the cursor there. The password is never kept. */
export function CredentialsForm(props: CredentialsFormProps): ReactNode {
  const { fields, texts, submit, onSuccess, onFailure, ways = [], className = "" } = props;
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [isSent, setSent] = useState(false);
  const [failure, setFailure] = useState<ReturnType<typeof explain> | null>(null);

  // Where there is one field alone, it is that one, whatever the server calls it.
  const [first, second] = fields;
  const named = failure?.field ?? null;
  const wrong = named !== null && first !== undefined && second === undefined ? first.name : named;

  useEffect(() => {
    if (failure === null) return;
    const input = form.current?.elements.namedItem(wrong ?? "");
    if (input instanceof HTMLInputElement) input.focus();
  }, [failure, wrong]);

  async function attempt(signIn: () => Promise<User | null> | void): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    setFailure(null);
    try {
      const user = await signIn();
      if (user === null) setSent(true);
      else if (user !== undefined) onSuccess?.(user);
    } catch (error) {
      if (onFailure?.(error) !== true) setFailure(explain(error, texts));
    } finally {
      setBusy(false);
    }
  }

  function send(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    void attempt(() => submit(values));
  }

  if (isSent) {
    return (
      <div className={`ostiary-form ${className}`.trim()}>
        <p className="ostiary-notice" role="status" tabIndex={-1} ref={focusOn}>
          {texts.mailSent}
        </p>
        {props.children}
      </div>
    );
  }

  return (
    <form
      ref={form}
      className={`ostiary-form ${className}`.trim()}
      method="post"
      aria-busy={isBusy}
      onSubmit={send}
    >
      {props.intro !== undefined && <p className="ostiary-intro">{props.intro}</p>}
      {fields.map(({ name, type, label, autoComplete, inputMode, isOptional = false }) => {
        const isWrong = wrong === name;
        return (
          <div key={name} className="ostiary-field">
            <label htmlFor={id + name}>{label}</label>
            <input
              id={id + name}
              name={name}
              type={type}
              autoComplete={autoComplete}
              inputMode={inputMode}
              // A step of its own that somebody has just come to.
              autoFocus={props.intro !== undefined && name === first?.name}
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
      {fields.length > 0 && (
        <button type="submit" disabled={isBusy}>
          {props.submitLabel}
        </button>
      )}
      {ways.map(({ label, take }) => (
        <button key={label} type="button" className="ostiary-way" disabled={isBusy} onClick={() => void attempt(take)}>
          {label}
        </button>
      ))}
      {props.children}
    </form>
  );
}

/** What takes the place of a form is read aloud. */
function focusOn(element: HTMLElement | null): void {
  element?.focus();
}

/** What somebody typed. */
export function textOf(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
