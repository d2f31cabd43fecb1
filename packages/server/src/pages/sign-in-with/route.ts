import { whenOpened } from "../page-route.ts";
import type { PageRoute } from "../page-route.ts";
import { arrive } from "./arrive.ts";
import { SIGN_IN_WITH } from "./buttons.ts";
import { submitPassword } from "./password.ts";
import { start } from "./start.ts";

export const signInWithRoutes: readonly PageRoute[] = [
  { method: "post", path: `${SIGN_IN_WITH}/{provider}`, handle: start },
  { method: "get", path: `${SIGN_IN_WITH}/{provider}/callback`, handle: whenOpened(arrive) },
  { method: "post", path: `${SIGN_IN_WITH}/{provider}/password`, handle: submitPassword },
];
