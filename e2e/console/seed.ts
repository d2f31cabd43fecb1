/**
 * Fills the database of a server that has been started once: people, sessions, and what happened to them in the last
 * thirty days. Always the same people; written straight into the file, because no API makes a past.
 */
import { DatabaseSync } from "node:sqlite";
import { hash } from "node:crypto";
import { searchTerms } from "../../packages/server/src/users/search-terms.ts";

export interface Size {
  readonly users: number;
  readonly events: number;
}

const DAY = 86_400_000;
const FIRST =
  "Ada Grace Alan Barbara Edsger Frances Donald Margaret Dennis Radia Ken Hedy Tim Karen Linus Jean Niklaus Mary John Evelyn".split(
    " ",
  );
const LAST =
  "Lovelace Hopper Turing Liskov Dijkstra Allen Knuth Hamilton Ritchie Perlman Thompson Lamarr Lee Jones Moore Bartik Wirth Shaw McCarthy Boyd".split(
    " ",
  );
const BROWSERS = [
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
];

export function seed(path: string, { users, events }: Size, now: number): void {
  const db = new DatabaseSync(path);
  db.exec("pragma busy_timeout = 10000; pragma synchronous = off; begin immediate");
  const user = db.prepare("insert into users values (?, ?, ?, 1, ?, ?, 'none', 1, ?, ?)");
  const term = db.prepare("insert into user_terms values (?, ?)");
  const ids: string[] = [];
  for (let i = 0; i < users; i++) {
    const created = now - 400 * DAY + Math.floor((i / users) * 399 * DAY);
    const name = `${FIRST[i % FIRST.length]} ${LAST[Math.floor(i / FIRST.length) % LAST.length]}`;
    const email = `${name.toLowerCase().replace(" ", ".")}${i < 400 ? "" : i}@${["example.com", "example.org", "corp.example"][i % 3]}`;
    const roles = i % 50 === 0 ? ["user", "support"] : ["user"];
    const disabledAt = i % 97 === 1 ? now - DAY : null;
    const id = idAt(created, i);
    ids.push(id);
    user.run(id, email, email, name, JSON.stringify(roles), disabledAt, created);
    for (const one of searchTerms({ email, name, roles, disabledAt })) term.run(one, id);
  }
  const audit = db.prepare(
    "insert into audit (at, type, user_id, session_id, ip, user_agent, detail) values (?, ?, ?, ?, ?, ?, ?)",
  );
  for (let i = 0; i < events; i++) {
    const at = whenOf(i / events, now);
    const chance = fraction(i * 7 + 1);
    const type =
      chance < 0.72
        ? "refresh"
        : chance < 0.86
          ? "login"
          : chance < 0.93
            ? "logout"
            : chance < 0.985
              ? "login_failed"
              : chance < 0.9995
                ? "session_revoked"
                : "refresh_token_reused";
    const who = ids[Math.floor(fraction(i * 13 + 5) * ids.length)] ?? null;
    const detail =
      type === "refresh"
        ? { generation: i % 40 }
        : type === "login_failed"
          ? { why: "wrong_password" }
          : type === "session_revoked"
            ? { reason: "session_deleted" }
            : {};
    audit.run(at, type, who, `seeded-${i % 5000}`, `203.0.113.${i % 250}`, BROWSERS[i % 3] ?? null, JSON.stringify(detail));
  }
  db.exec("commit");
  db.close();
}

/** Busy by day, quiet by night, so that charts have a shape. */
function whenOf(part: number, now: number): number {
  const at = now - 30 * DAY + part * 30 * DAY;
  const wave = Math.sin((at / DAY) * 2 * Math.PI) * 0.13 * DAY;
  return Math.floor(Math.min(now - 1, at + wave));
}

function idAt(time: number, i: number): string {
  const digits = time.toString(16).padStart(12, "0");
  const rest = hash("sha1", String(i), "hex");
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7${rest.slice(0, 3)}-a${rest.slice(3, 6)}-${rest.slice(6, 18)}`;
}

/** The same for the same number, and evenly spread. */
function fraction(i: number): number {
  const x = Math.sin(i * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

