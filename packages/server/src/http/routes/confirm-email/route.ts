import { confirmEmail } from "../../../users/change-email.ts";
import { mailTokenRequest } from "../../mail-fields.ts";
import { mailedLinkRoute } from "../../mailed-link-route.ts";

export const confirmEmailRoute = mailedLinkRoute({
  path: "/email/confirm",
  summary: "Take another e-mail address by the link that was mailed there",
  description: "Older access tokens are stale: refresh, and go on. The address of before is written to, with a way back.",
  body: mailTokenRequest,
  offered: "addresses",
  refused: { 409: "`email_taken`: somebody has taken it meanwhile" },
  follow: (flow, { token }, device) => confirmEmail(flow, token, device),
});
