/** What others wrote, for a terminal: nothing in it moves the cursor, changes colours or turns the line around. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{C}\n]|\p{Bidi_Control}/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
