import type { ReactNode } from "react";
import { useAuthClient } from "./auth-context.tsx";
import { CredentialsForm, textOf } from "./credentials-form.tsx";
import type { FormProps } from "./credentials-form.tsx";
import { ENGLISH } from "./texts.ts";

export interface SignUpFormProps extends FormProps {
  /** Whether to ask for a name, which may be left empty. Default true. */
  readonly askName?: boolean | undefined;
}

/** Makes an account and signs in; where accounts are concealed, it says that a mail is on its way. */
export function SignUpForm({ askName = true, ...props }: SignUpFormProps): ReactNode {
  const { signup } = useAuthClient();
  const texts = { ...ENGLISH, ...props.texts };
  const name = { name: "name", type: "text", label: texts.name, autoComplete: "name", isOptional: true } as const;
  return (
    <CredentialsForm
      {...props}
      texts={texts}
      fields={[
        ...(askName ? [name] : []),
        { name: "email", type: "email", label: texts.email, autoComplete: "username" },
        { name: "password", type: "password", label: texts.password, autoComplete: "new-password" },
      ]}
      remember={null}
      submitLabel={texts.signUp}
      submit={(values) =>
        signup({
          email: textOf(values, "email"),
          password: textOf(values, "password"),
          name: textOf(values, "name").trim() || undefined,
        })
      }
    />
  );
}
