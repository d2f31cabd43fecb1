import { undoEmail } from "../../../users/change-email.ts";
import { mailTokenRequest } from "../../mail-fields.ts";
import { mailedLinkRoute } from "../../mailed-link-route.ts";

export const undoEmailChangeRoute = mailedLinkRoute({
  path: "/email/undo",
  summary: "Take a change of the e-mail address back by the link that was mailed to the one of before",
  description: "All sessions end, and the password is good no more: it is to be reset by mail.",
  body: mailTokenRequest,
  offered: "addresses",
  refused: { 409: "`email_taken`: somebody has taken the address of before meanwhile" },
  follow: (flow, { token }, device) => undoEmail(flow, token, device),
});
