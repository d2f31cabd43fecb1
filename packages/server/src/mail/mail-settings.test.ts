import { expect, it } from "vitest";
import { StartError } from "../errors.ts";
import { resolveSettings } from "../config.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";
import { readFrom } from "./mail-from.ts";
import { readSmtpUrl } from "./smtp-url.ts";

const resolved = (environment: Record<string, string>, inFile: OstiaryConfig = {}) =>
  resolveSettings({ environment, inFile }).mail;

it("comes from variables and a configuration, each setting by itself", () => {
  const environment = { OSTIARY_SMTP_URL: "smtps://ada:p%40ss@smtp.example.com", OSTIARY_MAIL_FROM: "Example <id@example.com>" };
  const from = { name: "Example", address: "id@example.com" };
  expect(resolved(environment)).toEqual({ from, transport: environment.OSTIARY_SMTP_URL, language: "en" });
  const mail = { from: "other@example.com", transport: "smtp://localhost", language: "ko" } as const;
  expect(resolved({ OSTIARY_MAIL_FROM: "id@example.com" }, { mail })).toEqual({
    ...mail,
    from: { name: "", address: "id@example.com" },
  });
  expect(resolved({})).toBeUndefined();
});

it("half of it, or what is no server and no address, is told before the start", () => {
  const problemsOf = (environment: Record<string, string>): readonly string[] => {
    try {
      resolved(environment);
      return [];
    } catch (error) {
      return error instanceof StartError ? error.problems : [String(error)];
    }
  };
  expect(problemsOf({ OSTIARY_SMTP_URL: "smtps://smtp.example.com" })).toEqual([
    expect.stringMatching(/^mail\.from: must be an address/),
  ]);
  expect(problemsOf({ OSTIARY_MAIL_FROM: "id@example.com" })).toEqual([
    expect.stringMatching(/^mail\.transport: must be smtps:/),
  ]);
  for (const url of [
    "smtp.example.com",
    "https://smtp.example.com",
    "smtps://smtp.example.com?tls.rejectUnauthorized=false",
    "smtp://h/?ignoreTLS=true",
    "smtp://",
  ]) {
    const [problem] = problemsOf({ OSTIARY_SMTP_URL: url, OSTIARY_MAIL_FROM: "id@example.com" });
    expect(problem).toMatch(/^OSTIARY_SMTP_URL: must be smtps:/);
  }
});

it("TLS is demanded of every server but one on this machine", () => {
  expect(readSmtpUrl("smtp://mail.example.com")).toEqual({
    host: "mail.example.com",
    port: 587,
    secure: false,
    requireTLS: true,
  });
  expect(readSmtpUrl("smtps://a%40b:c@mail.example.com:4650")).toEqual({
    host: "mail.example.com",
    port: 4650,
    secure: true,
    requireTLS: false,
    auth: { user: "a@b", pass: "c" },
  });
  for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
    expect(readSmtpUrl(`smtp://${host}:1025`)).toMatchObject({ requireTLS: false });
  }
  for (const host of ["localhost.example.com", "127.0.0.1.example.com", "10.0.0.1"]) {
    expect(readSmtpUrl(`smtp://${host}`)).toMatchObject({ requireTLS: true });
  }
});

it("who mails are from is one address, with nothing that a header could be made of", () => {
  expect(readFrom(" Example & Söhne  <id@example.com> ")).toEqual({ name: "Example & Söhne", address: "id@example.com" });
  for (const odd of [
    "",
    "Example",
    "a@example.com, b@example.com",
    "A\r\nBcc: x <a@example.com>",
    "<a@example.com> x",
    '"A" <a@example.com>',
  ]) {
    expect(readFrom(odd)).toBeNull();
  }
});
