import { expect } from "vitest";
import type { Finding } from "../src/doctor/finding.ts";

/** What is not well, as `level id`. Each of them says how to mend it, and in sentences. */
export function wrong(findings: readonly Finding[]): string[] {
  for (const { message } of findings) expect(message).toMatch(/^[A-Zh].*\.$/s);
  const bad = findings.filter(({ level }) => level !== "ok");
  for (const { mend } of bad) expect(mend).toMatch(/\S.*[^.]$/s);
  return bad.map(({ level, id }) => `${level} ${id}`);
}
