/**
 * React components over the client: who is signed in, and the forms. They have no style of their own
 * (`@ostiary/client/react/style.css` is one to start from) and know nothing the client does not tell them.
 */
export { AuthProvider, useAuth } from "./auth-context.tsx";
export type { Auth } from "./auth-context.tsx";
export type { FormProps } from "./credentials-form.tsx";
export { DeviceList } from "./device-list.tsx";
export type { DeviceListProps } from "./device-list.tsx";
export { RequireRole, SignedIn, SignedOut } from "./gates.tsx";
export type { GateProps, RequireRoleProps } from "./gates.tsx";
export { LoginForm } from "./login-form.tsx";
export type { LoginFormProps } from "./login-form.tsx";
export { SignUpForm } from "./sign-up-form.tsx";
export type { SignUpFormProps } from "./sign-up-form.tsx";
export type { AuthTexts } from "./texts.ts";
