import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emailIdentity, isEmailAddress } from "./email.ts";

describe("emailIdentity", () => {
  it.each([
    [" Ada@Example.COM\t", "ada@example.com"],
    ["zoe\u0308@example.com", "zo\u00eb@example.com"],
    ["ZO\u00cb@EXAMPLE.COM", "zo\u00eb@example.com"],
    ["\u212belvin@example.com", "\u00e5elvin@example.com"],
    ["a+tag@example.com", "a+tag@example.com"],
    ["a.b@example.com", "a.b@example.com"],
    ["\u0130@example.com", "i\u0307@example.com"],
  ])("%j is %j", (typed, identity) => {
    expect(emailIdentity(typed)).toBe(identity);
  });

  it("is its own identity", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (typed) => {
        expect(emailIdentity(emailIdentity(typed))).toBe(emailIdentity(typed));
      }),
    );
  });

  it("does not depend on how characters were composed, nor on their case", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (typed) => {
        expect(emailIdentity(typed.normalize("NFD"))).toBe(emailIdentity(typed.normalize("NFC")));
        expect(emailIdentity(typed.toLowerCase())).toBe(emailIdentity(typed));
      }),
    );
  });
});

describe("isEmailAddress", () => {
  it("wants something on both sides of one @, and no white space, quotes or controls", () => {
    for (const good of ["a@b", "a@b.c", "\u7528\u6237@\u4f8b\u3048", "o'hara@example.com", `${"x".repeat(64)}@b.de`]) {
      expect(isEmailAddress(good)).toBe(true);
    }
    const bad = ["", "@", "a@", "@b", "a", "a@b@c", "a b@c", 'a"@b', "a@b\u0000", "a\u007f@b", "\ud800@b", `${"x".repeat(65)}@b`];
    for (const address of bad) expect(isEmailAddress(address)).toBe(false);
    expect(isEmailAddress(`a@${"x".repeat(253)}`)).toBe(false);
  });
});
