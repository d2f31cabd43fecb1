/** Whether a text can be stored and shown: no control characters, nothing that was broken when it was decoded. */
export function isShownText(text: string): boolean {
  return text.isWellFormed() && !/[\p{Cc}\uFFFD]/u.test(text);
}
