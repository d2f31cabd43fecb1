import { resetPassword } from "../../../users/reset-password.ts";
import { resetPasswordRequest } from "../../mail-fields.ts";
import { mailedLinkRoute } from "../../mailed-link-route.ts";

export const resetPasswordRoute = mailedLinkRoute({
  path: "/password/reset",
  summary: "Set a new password by the link that was mailed",
  description: "All sessions end, and nobody is signed in by it. A password that is refused does not use the link up.",
  body: resetPasswordRequest,
  offered: "passwords",
  follow: resetPassword,
});
