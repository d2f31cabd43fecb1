const MAX_LENGTH = 254;
const FORM = /^[^\s@"]{1,64}@[^\s@]{1,255}$/u;

/** In UTF-16 units, before normalisation, which makes at most four units into one and takes long for long texts. */
const MAX_RAW_LENGTH = 4 * MAX_LENGTH;

/** As it is stored: trimmed and NFC. What is too long to be an address stays as it is, and is none. */
export function normalizeEmail(email: string): string {
  return email.length > MAX_RAW_LENGTH ? email : email.trim().normalize("NFC");
}

/** Whether it has the form of an address, with nothing invisible in it. Whether there is a mailbox, a mail can tell. */
export function isEmailAddress(email: string): boolean {
  return email.length <= MAX_LENGTH && FORM.test(email) && !/[\p{C}\uFFFD]/u.test(email);
}

/** The form of an e-mail address that decides who someone is: trimmed, NFC, lower case. */
export function emailIdentity(email: string): string {
  return normalizeEmail(email).toLowerCase();
}
