import { expect, test } from "vitest";
import { checkAddress } from "./address.ts";

test.each([
  "https://auth.example",
  "https://auth.example:8443/tenant/a",
  "http://localhost:4000/auth",
  "http://auth.localhost",
  "http://127.0.0.1:4000",
  "http://127.1",
  "http://[::1]:4000/auth",
])("%s may be fetched from", (address) => {
  expect(checkAddress("issuer", address)).toBeInstanceOf(URL);
});

test.each([
  ["http://auth.example", "must be https"],
  ["http://localhost.example", "must be https"],
  ["http://notlocalhost", "must be https"],
  ["http://127.0.0.1.example", "must be https"],
  ["http://10.0.0.1", "must be https"],
  ["http://0.0.0.0", "must be https"],
  ["http://169.254.169.254/latest", "must be https"],
  ["http://[::ffff:7f00:1]", "must be https"],
  ["file:///etc/passwd", "must be https"],
  ["ftp://auth.example", "must be https"],
  ["data:application/json,{}", "must be https"],
  ["https://user@auth.example", "must not contain a user"],
  ["https://:secret@auth.example", "must not contain a user"],
  ["https://auth.example#a", "must not have a fragment"],
  ["/auth", "must be an absolute URL"],
  ["", "must be an absolute URL"],
])("%s is refused: %s", (address, sentence) => {
  expect(() => checkAddress("issuer", address)).toThrow(sentence);
});

test("what is no text is refused", () => {
  for (const address of [undefined, null, 1, {}, ["https://auth.example"]]) {
    expect(() => checkAddress("issuer", address as string)).toThrow("issuer must be an absolute URL");
  }
});
