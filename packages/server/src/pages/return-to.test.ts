import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allowedReturn } from "./return-to.ts";

const OWN = "https://id.example";
const APP = "https://app.example";
const allowed = (value: string | undefined) => allowedReturn(value, [OWN, APP], OWN);

describe("return_to leads home or to an allowed origin", () => {
  it.each([
    ["/", `${OWN}/`],
    ["/auth/account?x=1#y", `${OWN}/auth/account?x=1#y`],
    [`${OWN}/here`, `${OWN}/here`],
    [`${APP}/`, `${APP}/`],
    ["HTTPS://APP.example:443/x", `${APP}/x`],
    ["/a?next=https://evil.example", `${OWN}/a?next=https://evil.example`],
    // A path that a browser would take for a host if it were sent as it is.
    ["/.//evil.example", `${OWN}//evil.example`],
    ["/%2f/evil.example", `${OWN}/%2f/evil.example`],
    ["/%5cevil.example", `${OWN}/%5cevil.example`],
  ])("%s", (value, where) => {
    expect(allowed(value)).toBe(where);
  });
});

describe("return_to leads nowhere else", () => {
  it.each([
    undefined,
    "",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\u0000/evil.example",
    "/\u202e/evil.example",
    "/\u00a0",
    "%2f%2fevil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "https://evil.example#https://app.example",
    "https://evil.example\\@app.example",
    "https://app.example@evil.example",
    "https://app.example:x@evil.example",
    "https://ada@app.example/",
    "https://:x@app.example/",
    "https://app.example.evil.example",
    "https://app.example:444",
    "http://app.example",
    "https://id.example.",
    "//app.example",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "javascript://app.example/%0aalert(1)",
    "data:text/html,x",
    "blob:https://app.example/x",
    "file:///etc/passwd",
    "account",
    "?x",
    "#x",
    "https://",
    "https://[",
    `/${"x".repeat(2048)}`,
  ])("%j", (value) => {
    expect(allowed(value)).toBeNull();
  });

  it("whatever it is made of", () => {
    const piece = fc.constantFrom("/", "\\", ":", "@", "#", "?", "%2f", "%5c", ".", "\t", "\u0000", "https:", "javascript:", "evil.example", "app.example", "x");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const where = allowed(pieces.join(""));
        if (where === null) return;
        expect([OWN, APP]).toContain(new URL(where).origin);
        // As the browser reads the Location header.
        expect([OWN, APP]).toContain(new URL(where, "https://elsewhere.example/deep/path").origin);
      }),
    );
  });
});
