import { verifyEmail } from "../../../users/verify-email.ts";
import { mailTokenRequest } from "../../mail-fields.ts";
import { mailedLinkRoute } from "../../mailed-link-route.ts";

export const verifyEmailRoute = mailedLinkRoute({
  path: "/email/verify",
  summary: "Verify an e-mail address by the link that was mailed",
  body: mailTokenRequest,
  offered: "addresses",
  follow: (flow, { token }, device) => verifyEmail(flow, token, device),
});
