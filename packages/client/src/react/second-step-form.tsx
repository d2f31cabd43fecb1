import { useState } from "react";
import type { ReactNode } from "react";
import { signInWithPasskey, supportsPasskeys } from "../passkeys/passkeys.ts";
import type { SecondFactor } from "../second-step.ts";
import { useAuthClient } from "./auth-context.tsx";
import { CredentialsForm, textOf } from "./credentials-form.tsx";
import type { Field, FormProps, Way } from "./credentials-form.tsx";
import type { AuthTexts } from "./texts.ts";

interface SecondStepFormProps extends FormProps {
  readonly texts: AuthTexts;
  readonly mfaToken: string;
  readonly methods: readonly SecondFactor[];
  readonly onStartAgain: () => void;
}

/** The second step of signing in: what the person has of it, the simplest first. */
export function SecondStepForm({ mfaToken, methods, onStartAgain, ...props }: SecondStepFormProps): ReactNode {
  const auth = useAuthClient();
  const { texts } = props;
  const [asks, setAsks] = useState<"otp" | "recovery" | null>(methods.includes("otp") ? "otp" : null);
  const codeTexts = { ...texts, invalidCredentials: texts.invalidCode };
  const ways: Way[] = [];
  if (methods.includes("passkey") && supportsPasskeys()) {
    ways.push({ label: texts.usePasskey, take: () => signInWithPasskey(auth, { mfaToken }) });
  }
  if (methods.includes("otp") && asks !== "otp") ways.push({ label: texts.useCode, take: () => setAsks("otp") });
  if (methods.includes("recovery") && asks !== "recovery") {
    ways.push({ label: texts.useRecoveryCode, take: () => setAsks("recovery") });
  }
  ways.push({ label: texts.startAgain, take: onStartAgain });
  const fields: Record<"otp" | "recovery", Field> = {
    otp: { name: "code", type: "text", label: texts.code, autoComplete: "one-time-code", inputMode: "numeric" },
    recovery: { name: "code", type: "text", label: texts.recoveryCode, autoComplete: "off" },
  };
  return (
    <CredentialsForm
      key={asks}
      {...props}
      texts={codeTexts}
      intro={texts.secondStep}
      fields={asks === null ? [] : [fields[asks]]}
      remember={null}
      submitLabel={texts.logIn}
      submit={(values) =>
        auth.login({
          mfaToken,
          ...(asks === "otp" ? { code: textOf(values, "code") } : { recoveryCode: textOf(values, "code") }),
        })
      }
      ways={ways}
    />
  );
}
