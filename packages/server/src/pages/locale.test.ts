import { describe, expect, it } from "vitest";
import { chooseLocale } from "./locale.ts";

describe("the language of a page", () => {
  it.each([
    [undefined, undefined, "en"],
    ["ko", "en", "ko"],
    ["fr ko-KR en", undefined, "ko"],
    ["fr", "ko", "ko"],
    ["", "ko-KR,ko;q=0.9,en;q=0.8", "ko"],
    [undefined, "en;q=0.5, ko;q=0.8", "ko"],
    [undefined, "KO", "ko"],
    [undefined, "ko;q=0, en", "en"],
    [undefined, "ko;q=x, en;q=0.1", "en"],
    [undefined, "*", "en"],
    ["__proto__ constructor", "toString", "en"],
    ["<script>", ";;q=,,", "en"],
  ])("ui_locales %j and Accept-Language %j make %s", (uiLocales, acceptLanguage, locale) => {
    expect(chooseLocale(uiLocales, acceptLanguage)).toBe(locale);
  });
});
