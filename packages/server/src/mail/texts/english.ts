import type { MailTexts, Named } from "./mail-texts.ts";

const where = ({ at, device, ip }: Named): string =>
  [`Time: ${at}`, `Device: ${device ?? "unknown"}`, ...(ip === null ? [] : [`Address: ${ip}`])].join("\n");

export const english: MailTexts = {
  mails: {
    reset_password: ({ service, validity }) => ({
      subject: `Reset your ${service} password`,
      paragraphs: [`Somebody, you we hope, has asked to reset the password of your ${service} account. With this link you choose a new one.`],
      action: "Choose a new password",
      after: [
        `The link works once, for ${validity}, and only the newest one does. You will be signed out everywhere.`,
        "If this address has not been confirmed until now, accounts elsewhere that open the account are disconnected.",
        "If it was not you, do nothing: then nothing is changed.",
      ],
    }),
    verify_email: ({ service, validity }) => ({
      subject: `Confirm your e-mail address for ${service}`,
      paragraphs: [`An account at ${service} was made with this e-mail address. Please confirm that it is yours.`],
      action: "Confirm this address",
      after: [`The link works for ${validity}.`, "If you have no account there, do not confirm it: you need do nothing."],
    }),
    confirm_sign_up: ({ service, validity }) => ({
      subject: `Finish your sign-up at ${service}`,
      paragraphs: [`Somebody, you we hope, wants to make an account at ${service} with this e-mail address. With this link, and the password that you chose, it is made.`],
      action: "Make the account",
      after: [
        `The link works once, for ${validity}. If there are several mails like this one, somebody else may have used your address: only the link of your own sign-up takes your password.`,
        "If it was not you, do not follow it: then there will be no account.",
      ],
    }),
    confirm_email: ({ service, validity }) => ({
      subject: `Confirm your new e-mail address for ${service}`,
      paragraphs: [`Somebody, you we hope, wants to use this address for their ${service} account from now on.`],
      action: "Use this address",
      after: [`The link works for ${validity}. Until then nothing changes.`, "If it was not you, do nothing."],
    }),
    account_exists: ({ service }) => ({
      subject: `You have an account at ${service}`,
      paragraphs: [
        `Somebody, maybe you, has just tried to use this address for an account at ${service}. There is one already. Nothing was changed.`,
      ],
      action: "Sign in",
      after: ["If you do not know its password, you can choose a new one there: whoever else is signed in to it is out then. If it was not you, you need do nothing."],
    }),
    email_changed: (named) => ({
      subject: `The e-mail address of your ${named.service} account was changed`,
      paragraphs: [`Your ${named.service} account has another e-mail address from now on. Mail for it no longer comes here.`, where(named)],
      action: "It was not me: take it back",
      after: [
        `If it was you, do nothing. Otherwise take it back within ${named.validity}: this address is put in its place again, everybody is signed out, and the password no longer works, so that you choose a new one.`,
      ],
    }),
    // To whom it was taken from: nothing of who took it back.
    email_change_undone: ({ service, at }) => ({
      subject: `The change to this e-mail address was taken back at ${service}`,
      paragraphs: [
        `An account at ${service} had this e-mail address. By a link that was sent to its address of before, that one was put in its place again: mail for the account no longer comes here, everybody was signed out, and its password no longer works.`,
        `Time: ${at}`,
      ],
      after: [
        "If the account is yours, and you did not take it back yourself, somebody else reads the mailbox of before: see to that mailbox first, then reset the password with its address.",
      ],
    }),
    password_changed: (named) => ({
      subject: `Your ${named.service} password was changed`,
      paragraphs: [`The password of your ${named.service} account has just been changed.`, where(named)],
      action: "It was not me: reset the password",
      after: ["If it was you, do nothing."],
    }),
    new_device: (named) => ({
      subject: `New sign-in to ${named.service}`,
      paragraphs: [
        `Your ${named.service} account was signed in to${named.provider === null ? "" : ` with ${named.provider}`} from a device that it has not been used on lately.`,
        where(named),
      ],
      action: named.provider === null ? "It was not me: reset the password" : "See where you are signed in",
      after: [
        named.provider === null
          ? "If it was you, do nothing."
          : `If it was you, do nothing. Otherwise sign that device out, and see to your account at ${named.provider}: somebody else gets in there.`,
      ],
    }),
    session_stolen: (named) => ({
      subject: `We signed a device out of ${named.service}`,
      paragraphs: [
        `Somebody used a copy of what kept one of your devices signed in to ${named.service}. So we ended that session: whoever had it is out, and you may have to sign in again there.`,
        where(named),
      ],
      action: "See where you are signed in",
      after: ["It can be a fault of an app. If it happens again, check that device for malware, and change your password."],
    }),
    identity_linked: (named) => ({
      subject: `${named.provider} signs you in to ${named.service} from now on`,
      paragraphs: [`An account at ${named.provider} was connected to your ${named.service} account: whoever has it is let in from now on.`, where(named)],
      action: "See what signs you in",
      after: ["If it was you, do nothing. Otherwise disconnect it there, and change your password: somebody else knows it."],
    }),
    identity_unlinked: (named) => ({
      subject: `${named.provider} no longer signs you in to ${named.service}`,
      paragraphs: [
        `An account at ${named.provider} was disconnected from your ${named.service} account, and lets nobody in any more. Other devices were signed out.`,
        where(named),
      ],
      action: "See what signs you in",
      after: ["If it was you, do nothing."],
    }),
    factor_added: (named) => ({
      subject: `Two-step sign-in: something was added to your ${named.service} account`,
      paragraphs: [`A way to confirm that it is you, an authenticator app or a passkey, has just been added to your ${named.service} account. Devices that are signed in stay signed in.`, where(named)],
      action: "It was not me: reset the password",
      after: [
        "If it was you, do nothing. Otherwise reset the password: that signs out everybody. Then sign in, and remove what is not yours from your account.",
        `If you are asked for a second step that you do not have, ask whoever runs ${named.service} to take it away.`,
      ],
    }),
    factor_removed: (named) => ({
      subject: `Two-step sign-in: something was removed from your ${named.service} account`,
      paragraphs: [`An authenticator app or a passkey has just been removed from your ${named.service} account. Other devices were signed out.`, where(named)],
      action: "See how you sign in",
      after: ["If it was you, do nothing. If not, change your password, and sign out everywhere."],
    }),
    recovery_code_used: (named) => ({
      subject: `A recovery code of your ${named.service} account was used`,
      paragraphs: [`Somebody has signed in to your ${named.service} account with one of your recovery codes. It cannot be used again.`, where(named)],
      action: "See how you sign in",
      after: ["If it was you, do nothing. If not, change your password, make new recovery codes, and sign out everywhere."],
    }),
    recovery_codes_replaced: (named) => ({
      subject: `New recovery codes for your ${named.service} account`,
      paragraphs: [`New recovery codes have just been made for your ${named.service} account. Those of before do not work any more.`, where(named)],
      action: "See how you sign in",
      after: ["If it was you, do nothing. If not, change your password, and sign out everywhere."],
    }),
    factors_reset: (named) => ({
      subject: `Two-step sign-in was turned off for your ${named.service} account`,
      paragraphs: [`Whoever runs ${named.service} has taken away the second steps of signing in to your account: authenticator app, passkeys and recovery codes. All devices were signed out.`, where(named)],
      action: "Set it up anew",
      after: ["If you did not ask for it, change your password, and ask them."],
    }),
  },
  signature: (service) => `This mail was sent by ${service}, by itself. Nobody reads answers to it.`,
};
