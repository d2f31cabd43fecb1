import { useState, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import { AuthError } from "../auth-error.ts";
import { signInWithPasskey, supportsPasskeys } from "../passkeys/passkeys.ts";
import type { SecondFactor } from "../second-step.ts";
import { useAuthClient } from "./auth-context.tsx";
import { CredentialsForm, textOf } from "./credentials-form.tsx";
import type { FormProps } from "./credentials-form.tsx";
import { SecondStepForm } from "./second-step-form.tsx";
import { ENGLISH } from "./texts.ts";

export interface LoginFormProps extends FormProps {
  /** Whether to offer a session that lasts longer. Default false. */
  readonly offerRemember?: boolean | undefined;
  /** Whether to offer passkeys in place of the password, in browsers that have them. Default false. */
  readonly offerPasskey?: boolean | undefined;
}

/** Signs in with e-mail and password, or a passkey, and asks for the second step of those who have one. */
export function LoginForm({ offerRemember = false, offerPasskey = false, ...props }: LoginFormProps): ReactNode {
  const auth = useAuthClient();
  const [step, setStep] = useState<{ mfaToken: string; methods: readonly SecondFactor[] } | null>(null);
  const hasPasskeys = useSyncExternalStore(never, supportsPasskeys, () => false);
  const texts = { ...ENGLISH, ...props.texts };
  if (step !== null) return <SecondStepForm {...props} {...step} texts={texts} onStartAgain={() => setStep(null)} />;

  function asksForMore(error: unknown): boolean {
    if (!(error instanceof AuthError) || error.code !== "mfa_required") return false;
    const { mfaToken, methods = [] } = error;
    if (mfaToken !== undefined) setStep({ mfaToken, methods });
    return mfaToken !== undefined;
  }

  return (
    <CredentialsForm
      key="first"
      {...props}
      texts={texts}
      fields={[
        { name: "email", type: "email", label: texts.email, autoComplete: "username" },
        { name: "password", type: "password", label: texts.password, autoComplete: "current-password" },
      ]}
      remember={offerRemember ? texts.remember : null}
      submitLabel={texts.logIn}
      submit={(values) =>
        auth.login({
          email: textOf(values, "email"),
          password: textOf(values, "password"),
          ...(offerRemember ? { remember: values.has("remember") } : {}),
        })
      }
      ways={offerPasskey && hasPasskeys ? [{ label: texts.signInByPasskey, take: () => signInWithPasskey(auth) }] : []}
      onFailure={asksForMore}
    />
  );
}

/** What a browser can do does not change. */
function never(): () => void {
  return () => {};
}
