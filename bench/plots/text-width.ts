/** About how wide a text is in the fonts that systems have for their own pages; rather too wide than too narrow. */
export function textWidth(text: string, fontSize: number, fontWeight = 400): number {
  let width = 0;
  for (const letter of text) width += /[iljtf.,:;'|() ]/.test(letter) ? 0.36 : /[mwMW%×]/.test(letter) ? 0.9 : /[A-Z]/.test(letter) ? 0.7 : 0.6;
  return width * fontSize * (fontWeight >= 600 ? 1.1 : 1);
}
