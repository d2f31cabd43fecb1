/** The texts of the pages that mails lead to, and of what leads to a mail. */
export interface ByMailTexts {
  readonly forgot: string;
  readonly forgotTitle: string;
  readonly forgotText: string;
  readonly forgotAction: string;
  readonly mailed: string;
  /** Says nothing of whether there is an account. */
  readonly mailedText: (email: string) => string;
  readonly backToSignIn: string;

  /** For who opens a link where no script runs. */
  readonly link: string;
  readonly linkHint: string;
  readonly linkMissing: string;
  readonly linkInvalid: string;
  readonly askAnew: string;
  readonly addressTaken: string;

  readonly resetTitle: string;
  readonly resetText: string;
  readonly resetAction: string;
  readonly resetDone: string;
  readonly resetDoneText: string;

  readonly verifyTitle: string;
  readonly verifyText: string;
  readonly verifyAction: string;
  readonly verifyDone: string;
  readonly verifyDoneText: string;

  /** Says nothing of whether there is an account. */
  readonly signUpMailedText: string;
  readonly signUpTitle: string;
  readonly signUpText: string;
  readonly signUpPassword: string;
  readonly signUpPasswordWrong: string;
  readonly signUpAction: string;
  readonly signUpDone: string;
  readonly signUpDoneText: string;

  readonly confirmTitle: string;
  readonly confirmText: string;
  readonly confirmAction: string;
  readonly confirmDone: string;
  readonly confirmDoneText: string;

  readonly undoTitle: string;
  readonly undoText: string;
  readonly undoAction: string;
  readonly undoDone: string;
  readonly undoDoneText: string;

  readonly address: string;
  readonly addressHint: string;
  readonly verified: string;
  readonly notVerified: string;
  readonly sendAgain: string;
  readonly newAddress: string;
  readonly changeAddress: string;
}
