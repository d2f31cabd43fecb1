import type { ReactNode } from "react";
import { useAuthClient } from "./auth-context.tsx";
import { CredentialsForm, textOf } from "./credentials-form.tsx";
import type { FormProps } from "./credentials-form.tsx";
import { ENGLISH } from "./texts.ts";

export interface LoginFormProps extends FormProps {
  /** Whether to offer a session that lasts longer. Default false. */
  readonly offerRemember?: boolean | undefined;
}

/** Signs in with e-mail and password. */
export function LoginForm({ offerRemember = false, ...props }: LoginFormProps): ReactNode {
  const { login } = useAuthClient();
  const texts = { ...ENGLISH, ...props.texts };
  return (
    <CredentialsForm
      {...props}
      texts={texts}
      fields={[
        { name: "email", type: "email", label: texts.email, autoComplete: "username" },
        { name: "password", type: "password", label: texts.password, autoComplete: "current-password" },
      ]}
      remember={offerRemember ? texts.remember : null}
      submitLabel={texts.logIn}
      submit={(values) =>
        login({
          email: textOf(values, "email"),
          password: textOf(values, "password"),
          ...(offerRemember ? { remember: values.has("remember") } : {}),
        })
      }
    />
  );
}
