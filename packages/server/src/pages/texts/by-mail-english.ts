import type { ByMailTexts } from "./by-mail.ts";

export const byMailEnglish: ByMailTexts = {
  forgot: "Forgot your password?",
  forgotTitle: "Forgot your password?",
  forgotText: "Enter the e-mail address of your account. We send you a link with which you choose a new password.",
  forgotAction: "Send the link",
  mailed: "Look into your mail",
  mailedText: (email) =>
    `If there is an account with the address ${email}, a mail with a link is on its way. The link works for ten minutes. Nothing there? Look among the spam, or check the address.`,
  backToSignIn: "Back to sign-in",

  link: "Link from the mail",
  linkHint: "Copy the whole link from the mail into this field.",
  linkMissing: "Copy the link from the mail into this field.",
  linkInvalid: "This link no longer works: it has been used, is too old, or there is a newer one.",
  askAnew: "Ask for a new link",
  addressTaken: "This address belongs to another account by now, so nothing was changed.",

  resetTitle: "Choose a new password",
  resetText: "You will be signed out on all devices, and sign in with the new password.",
  resetAction: "Set the password",
  resetDone: "Your password is changed",
  resetDoneText: "You are signed out on all devices. Sign in with the new password.",

  verifyTitle: "Confirm your address",
  verifyText: "Confirm it only if you have made an account here yourself.",
  verifyAction: "Confirm this address",
  verifyDone: "Your address is confirmed",
  verifyDoneText: "Thank you. You can close this page, or go on to your account.",

  signUpMailedText: "A mail is on its way to this address. Follow the link in it to finish. Nothing there? Look among the spam, or check the address.",
  signUpTitle: "Finish your sign-up",
  signUpText: "Go on only if you have just signed up here yourself. Enter the password that you chose: somebody else may have signed up with your address, too.",
  signUpPassword: "The password you chose",
  signUpPasswordWrong: "This is not the password of this sign-up. Have you another mail like this one? Follow the link in it: this one may be of somebody else.",
  signUpAction: "Make the account",
  signUpDone: "Your account is there",
  signUpDoneText: "Sign in with your address and the password that you chose.",

  confirmTitle: "Use this e-mail address",
  confirmText: "From now on you sign in with it, and mail for your account comes here.",
  confirmAction: "Use this address",
  confirmDone: "Your address is changed",
  confirmDoneText: "From now on you sign in with the new address. We have told the old one.",

  undoTitle: "Take the change of your address back",
  undoText: "Your account gets this address again. Everybody is signed out, and the password works no more: you choose a new one next, by mail.",
  undoAction: "Take it back",
  undoDone: "Your address is back",
  undoDoneText: "Everybody is signed out. Now choose a new password: we send you a link.",

  address: "E-mail address",
  addressHint: "You sign in with it. Another one counts once you have confirmed it there; we tell the old one.",
  verified: "Confirmed",
  notVerified: "Not confirmed",
  sendAgain: "Send the mail again",
  newAddress: "New e-mail address",
  changeAddress: "Change address",
};
