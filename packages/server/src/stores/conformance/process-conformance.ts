import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { event, HASH, newSession, newUser } from "./fixtures.ts";
import type { Subject } from "./subject.ts";

const PROCESSES = 3;
/** Together no more than a row remembers retirements: whoever waits longest is not taken for a thief. */
const ROTATIONS = 10;

export function processConformance(subject: Subject): void {
  /** Starts the contender processes on one session; what each says at its end. */
  async function contend(sessionId: string): Promise<string[]> {
    const script = fileURLToPath(new URL("contender.ts", import.meta.url));
    return Promise.all(
      Array.from({ length: PROCESSES }, async () => {
        const child = spawn(process.execPath, [script, JSON.stringify(subject.place), sessionId, String(ROTATIONS)], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        const [output] = await Promise.all([text(child.stdout), once(child, "exit")]);
        expect(child.exitCode).toBe(0);
        return output.trim();
      }),
    );
  }

  describe("several processes at once", () => {
    test("rotate one session without losing, doubling or killing anything", async () => {
      const { users, sessions, audit } = subject.store;
      const user = newUser();
      await users.create(user, event("user_created"));
      const session = newSession(user.id);
      await sessions.create(session, HASH, event("login"));

      const said = (await contend(session.id)).map((line) => JSON.parse(line) as { rotated: number; refused: number });
      const rotatedInAll = said.reduce((sum, { rotated }) => sum + rotated, 0);
      expect(said.map(({ refused }) => refused)).toEqual([0, 0, 0]);
      const row = await sessions.find(session.id);
      expect(row).toMatchObject({ generation: rotatedInAll, revokedAt: null });
      expect(rotatedInAll).toBeGreaterThanOrEqual(ROTATIONS);
      const events = [];
      for (let before: number | undefined; ; ) {
        const page = await audit.list({ sessionId: session.id, limit: 1000, ...(before === undefined ? {} : { before }) });
        events.push(...page);
        if (page.length < 1000) break;
        before = page.at(-1)?.id;
      }
      expect(events.filter(({ type }) => type === "refresh")).toHaveLength(rotatedInAll);
    }, 60_000);
  });
}
