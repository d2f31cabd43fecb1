/** The form of an e-mail address that decides who someone is: trimmed, NFC, lower case. */
export function emailIdentity(email: string): string {
  return email.trim().normalize("NFC").toLowerCase();
}
