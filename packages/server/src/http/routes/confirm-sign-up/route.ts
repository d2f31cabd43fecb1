import { confirmSignUp } from "../../../users/sign-up-by-mail.ts";
import { confirmSignUpRequest } from "../../mail-fields.ts";
import { mailedLinkRoute } from "../../mailed-link-route.ts";

export const confirmSignUpRoute = mailedLinkRoute({
  path: "/signup/confirm",
  summary: "Make the account that somebody signed up for, by the link that was mailed and the password that was chosen",
  description: "Where `signup.concealExisting` is on. Nobody is signed in by it. A wrong password does not use the link up.",
  body: confirmSignUpRequest,
  offered: "addresses",
  refused: { 401: "`invalid_credentials`: not the password of this sign-up" },
  follow: confirmSignUp,
});
