const MAX_LENGTH = 254;
const FORM = /^[^\s@"]{1,64}@[^\s@]{1,255}$/u;

/** Whether it has the form of an address. Whether there is a mailbox, only a mail can tell. */
export function isEmailAddress(email: string): boolean {
  return email.length <= MAX_LENGTH && FORM.test(email) && email.isWellFormed() && !/\p{Cc}/u.test(email);
}

/** The form of an e-mail address that decides who someone is: trimmed, NFC, lower case. */
export function emailIdentity(email: string): string {
  return email.trim().normalize("NFC").toLowerCase();
}
