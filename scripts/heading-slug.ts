/** The anchor that GitHub makes of a heading's text. Repeats of it get a number behind, from `-1` on. */
export function headingSlug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");
}
