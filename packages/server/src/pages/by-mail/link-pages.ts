import { deviceOf } from "../../http/device.ts";
import type { mailFlowDeps } from "../../http/mail-flow.ts";
import { confirmEmail, undoEmail } from "../../users/change-email.ts";
import { resetPassword } from "../../users/reset-password.ts";
import { confirmSignUp } from "../../users/sign-up-by-mail.ts";
import { verifyEmail } from "../../users/verify-email.ts";
import type { Texts } from "../texts/texts.ts";
import type { Visit } from "../visit.ts";

/** A page that a mail leads to. */
export interface LinkPage {
  readonly path: string;
  readonly offered: "passwords" | "addresses";
  /** A password that is typed there: a new one, or the one that was chosen before. */
  readonly password: "new" | "chosen" | null;
  /** Where it leads when it is done. */
  readonly next: string;
  readonly words: (texts: Texts) => LinkWords;
  readonly use: (visit: Visit, flow: ReturnType<typeof mailFlowDeps>, token: string, password: string) => Promise<void>;
}

export interface LinkWords {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly done: string;
  readonly doneText: string;
  /** To the next page. */
  readonly next: string;
}

export const LINK_PAGES: readonly LinkPage[] = [
  {
    path: "/reset-password",
    offered: "passwords",
    password: "new",
    next: "/sign-in",
    words: ({ byMail, toSignIn }) => ({
      title: byMail.resetTitle,
      text: byMail.resetText,
      action: byMail.resetAction,
      done: byMail.resetDone,
      doneText: byMail.resetDoneText,
      next: toSignIn,
    }),
    use: ({ c }, flow, token, newPassword) => resetPassword(flow, { token, newPassword }, deviceOf(c), c.req.raw.signal),
  },
  {
    path: "/verify-email",
    offered: "addresses",
    password: null,
    next: "/account",
    words: ({ byMail, toAccount }) => ({
      title: byMail.verifyTitle,
      text: byMail.verifyText,
      action: byMail.verifyAction,
      done: byMail.verifyDone,
      doneText: byMail.verifyDoneText,
      next: toAccount,
    }),
    use: ({ c }, flow, token) => verifyEmail(flow, token, deviceOf(c)),
  },
  {
    path: "/confirm-sign-up",
    offered: "addresses",
    password: "chosen",
    next: "/sign-in",
    words: ({ byMail, toSignIn }) => ({
      title: byMail.signUpTitle,
      text: byMail.signUpText,
      action: byMail.signUpAction,
      done: byMail.signUpDone,
      doneText: byMail.signUpDoneText,
      next: toSignIn,
    }),
    use: ({ c }, flow, token, password) => confirmSignUp(flow, { token, password }, deviceOf(c), c.req.raw.signal),
  },
  {
    path: "/confirm-email",
    offered: "addresses",
    password: null,
    next: "/account",
    words: ({ byMail, toAccount }) => ({
      title: byMail.confirmTitle,
      text: byMail.confirmText,
      action: byMail.confirmAction,
      done: byMail.confirmDone,
      doneText: byMail.confirmDoneText,
      next: toAccount,
    }),
    use: ({ c }, flow, token) => confirmEmail(flow, token, deviceOf(c)),
  },
  {
    path: "/undo-email",
    offered: "addresses",
    password: null,
    next: "/forgot-password",
    words: ({ byMail }) => ({
      title: byMail.undoTitle,
      text: byMail.undoText,
      action: byMail.undoAction,
      done: byMail.undoDone,
      doneText: byMail.undoDoneText,
      next: byMail.resetTitle,
    }),
    use: ({ c }, flow, token) => undoEmail(flow, token, deviceOf(c)),
  },
];
