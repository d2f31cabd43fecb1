import { useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { Mark } from "../shell/mark.tsx";
import { Badge } from "../parts/states.tsx";
import { fullTime, inWords, useNow } from "../parts/when.tsx";
import { findings } from "./findings.ts";
import { meaningOf } from "./meanings.ts";
import { isTime, readToken } from "./read-token.ts";
import type { ReadToken } from "./read-token.ts";
import { verdictOf } from "./verdict.ts";
import { verifySignature } from "./verify.ts";
import type { KnownKeys, Signature } from "./verify.ts";

interface InspectorProps {
  /** Null where there is none to ask. */
  readonly issuer: string | null;
  readonly keys: Promise<KnownKeys> | null;
}

export function Inspector({ issuer, keys: promised }: InspectorProps): ReactNode {
  const [text, setText] = useState("");
  const [audience, setAudience] = useState(issuer ?? "");
  const [pasted, setPasted] = useState("");
  const fetched = useFetched(promised);
  const own = useMemo(() => keysIn(pasted), [pasted]);
  const keys = issuer === null ? own.keys : fetched.keys;
  const read = useMemo(() => (text.trim() === "" ? null : attempt(text)), [text]);

  return (
    <div className="shell">
      <header className="top">
        <span className="brand">
          <Mark /> Token inspector
        </span>
        <span className="quiet">{issuer ?? "offline"}</span>
      </header>
      <main>
        <div className="head">
          <h1>What does this token say?</h1>
          {issuer !== null && (
            <a href={`${issuer}/inspect/offline`} download="ostiary-inspector.html">
              Keep this page for offline
            </a>
          )}
        </div>
        <p className="quiet">
          The token stays in this page.{" "}
          {issuer === null
            ? "It cannot reach any network."
            : "The issuer's keys were fetched before; nothing is asked while you type."}
        </p>
        <div className="bench">
          <div className="inputs">
            <label htmlFor="token">Token</label>
            <textarea
              id="token"
              className="token"
              rows={8}
              spellCheck={false}
              autoComplete="off"
              autoCapitalize="off"
              placeholder="eyJhbGciOi…"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            {read !== null && read.token !== null && <Parts token={read.token} />}
            <label>
              Audience that a guard expects
              <input
                value={audience}
                autoComplete="off"
                spellCheck={false}
                placeholder="any"
                onChange={(event) => setAudience(event.target.value)}
              />
            </label>
            {issuer === null ? (
              <>
                <label htmlFor="keys">The issuer's keys: its JWKS, or one public key as JWK</label>
                <textarea
                  id="keys"
                  rows={5}
                  spellCheck={false}
                  placeholder='{ "keys": [ … ] }'
                  value={pasted}
                  onChange={(event) => setPasted(event.target.value)}
                />
                <p className="wrong" role="alert">
                  {own.problem}
                </p>
              </>
            ) : (
              <p className="quiet">{fetched.text}</p>
            )}
          </div>
          <div className="findings" aria-live="polite">
            {read === null && <p className="state empty">Paste a token, with “Bearer” in front or without.</p>}
            {read !== null && read.problem !== null && (
              <div className="verdict bad" role="alert">
                <strong>This is not a token</strong>
                <p>{read.problem}</p>
              </div>
            )}
            {read !== null && read.token !== null && (
              <Inspection token={read.token} keys={keys} issuer={issuer ?? ""} audience={audience.trim()} />
            )}
          </div>
        </div>
      </main>
    </div>
  );
}

function Inspection({
  token,
  keys,
  issuer,
  audience,
}: {
  token: ReadToken;
  keys: KnownKeys | null;
  issuer: string;
  audience: string;
}): ReactNode {
  const now = useNow();
  const [signature, setSignature] = useState<Signature>({ state: "unknown", text: "Being verified…" });
  useEffect(() => {
    let isOver = false;
    async function verify(): Promise<void> {
      const found = await verifySignature(token, keys);
      if (!isOver) setSignature(found);
    }
    void verify();
    return () => {
      isOver = true;
    };
  }, [token, keys]);
  const verdict = verdictOf(token, signature, { issuer, audience }, now);
  const found = findings(token, now);
  const { alg, kid, typ } = token.header;
  const signs = { good: "Signature verified", bad: "Signature refused", unknown: "Signature not verified" } as const;

  return (
    <>
      <section className={`verdict ${verdict.tone}`}>
        <small>What a guard would say</small>
        <strong>{verdict.code}</strong>
        <p>{verdict.text}</p>
      </section>
      <dl className="facts">
        <dt>Signature</dt>
        <dd>
          <Badge tone={signature.state === "unknown" ? "warn" : signature.state}>{signs[signature.state]}</Badge>
        </dd>
        <dt />
        <dd className="quiet">{signature.text}</dd>
        <dt>Algorithm</dt>
        <dd>{[alg, typ].filter((one) => typeof one === "string").join(" · ")}</dd>
        {typeof kid === "string" && (
          <>
            <dt>Key</dt>
            <dd>
              <code className="clip">{kid}</code>
            </dd>
          </>
        )}
        <dt>Expires</dt>
        <dd>
          <Countdown exp={token.claims["exp"]} now={now} />
        </dd>
      </dl>
      {found.length > 0 && (
        <section>
          <h2>Warnings</h2>
          <ul className="warnings">
            {found.map(({ tone, about, text }) => (
              <li key={about + text}>
                <Badge tone={tone}>{about}</Badge> {text}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Members title="Header" of={token.header} now={now} />
      <Members title="Claims" of={token.claims} now={now} />
    </>
  );
}

function Countdown({ exp, now }: { exp: unknown; now: number }): ReactNode {
  if (!isTime(exp)) return <Badge tone="bad">never</Badge>;
  const left = Math.floor(exp - now / 1000);
  if (left <= 0) return <Badge tone="bad">{inWords(left)}</Badge>;
  const [days, hours, minutes, seconds] = [
    Math.floor(left / 86_400),
    Math.floor(left / 3600) % 24,
    Math.floor(left / 60) % 60,
    left % 60,
  ];
  const clock = [hours, minutes, seconds].map((part) => String(part).padStart(2, "0")).join(":");
  return <span className="countdown" role="timer" aria-live="off">{days > 0 ? `${days} d ${clock}` : clock}</span>;
}

const TIMES = new Set(["exp", "nbf", "iat", "auth_time"]);

function Members({ title, of, now }: { title: string; of: Readonly<Record<string, unknown>>; now: number }): ReactNode {
  return (
    <section>
      <h2>{title}</h2>
      <table className="members">
        <tbody>
          {Object.entries(of).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
                <small className="quiet">{meaningOf(name)}</small>
              </th>
              <td>
                <code className="wrap">{JSON.stringify(value)}</code>
                {TIMES.has(name) && isTime(value) && (
                  <small className="quiet">
                    {fullTime(value * 1000)}, {inWords(value - now / 1000)}
                  </small>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Parts({ token: { parts } }: { token: ReadToken }): ReactNode {
  const [header, claims, signature] = parts;
  return (
    <p className="parts" aria-hidden="true">
      <span className="one">{header}</span>.<span className="two">{claims}</span>.<span className="three">{signature}</span>
    </p>
  );
}

function attempt(text: string): { token: ReadToken | null; problem: string | null } {
  try {
    return { token: readToken(text), problem: null };
  } catch (error) {
    return { token: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

function useFetched(promised: Promise<KnownKeys> | null): { keys: KnownKeys | null; text: string } {
  const [state, setState] = useState<{ keys: KnownKeys | null; text: string }>({
    keys: null,
    text: "Fetching the issuer's keys…",
  });
  useEffect(() => {
    promised?.then(
      (keys) =>
        setState({ keys, text: `The issuer publishes ${keys.keys.length === 1 ? "one key" : `${keys.keys.length} keys`}.` }),
      (error: unknown) => setState({ keys: null, text: error instanceof Error ? error.message : String(error) }),
    );
  }, [promised]);
  return state;
}

function keysIn(text: string): { keys: KnownKeys | null; problem: string | null } {
  if (text.trim() === "") return { keys: null, problem: null };
  try {
    const value = JSON.parse(text) as { keys?: unknown; kty?: unknown };
    if (Array.isArray(value.keys)) return { keys: value as KnownKeys, problem: null };
    if (typeof value.kty === "string") return { keys: { keys: [value] } as KnownKeys, problem: null };
  } catch {
    // Said below.
  }
  return { keys: null, problem: "This is neither a JWKS document nor a JWK." };
}
