import { LoginForm } from "./login-form";

export default async function Login({ searchParams }: PageProps<"/login">) {
  const { return_to: returnTo } = await searchParams;
  return (
    <main>
      <h1>Sign in</h1>
      <LoginForm returnTo={typeof returnTo === "string" ? returnTo : "/dashboard"} />
    </main>
  );
}
