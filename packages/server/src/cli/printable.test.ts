import { expect, it } from "vitest";
import { printable } from "./printable.ts";

it.each([
  ["plain text, with letters of all scripts", "Zoë 京子 😀\nعائشة", "Zoë 京子 😀\nعائشة"],
  ["escape sequences", "\u001b[2J\u009b31m\u0007", "\\u001b[2J\\u009b31m\\u0007"],
  ["a carriage return that would write over the line", "refused\rverified", "refused\\u000dverified"],
  ["letters that turn the line around", "\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066"],
  ["what cannot be seen", "a\u200bb\ufeff", "a\\u200bb\\ufeff"],
  ["half a character", "\ud800", "\\ud800"],
])("%s", (_, text, expected) => {
  expect(printable(text)).toBe(expected);
});
