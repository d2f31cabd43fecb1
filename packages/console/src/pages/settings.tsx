import type { ReactNode } from "react";
import { useSettings } from "../api/queries.ts";
import { Pending } from "../parts/states.tsx";

const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  [
    "Server",
    [
      "issuer",
      "port",
      "production",
      "audience",
      "allowedOrigins",
      "databaseUrl",
      "redisUrl",
      "dataDir",
      "trustProxy",
      "log",
      "auditRetention",
    ],
  ],
  [
    "Tokens and sessions",
    [
      "accessTokenTtl",
      "refreshTokenTtl",
      "sessionTtl",
      "rememberTtl",
      "rotationGrace",
      "sessions",
      "dpopNonces",
      "claims",
      "scopes",
    ],
  ],
  ["Keys", ["signingAlgorithm", "keyRotation", "keyPublishAhead"]],
  ["Sign-in", ["passwordMinLength", "limits"]],
];

const DURATIONS = new Set([
  "accessTokenTtl",
  "refreshTokenTtl",
  "sessionTtl",
  "rememberTtl",
  "rotationGrace",
  "keyRotation",
  "keyPublishAhead",
  "auditRetention",
]);

export function SettingsPage(): ReactNode {
  const settings = useSettings();
  const all = settings.data ?? {};
  const known = GROUPS.flatMap(([, names]) => names);
  const others = Object.keys(all).filter((name) => !known.includes(name));
  return (
    <>
      <h1>Settings in force</h1>
      <p className="quiet">
        As this server was started: from code, variables and <code>ostiary.config.ts</code>. Secrets are not among them.
      </p>
      <Pending of={settings}>
        <div className="columns even">
          {[...GROUPS, ["Others", others] as const].map(([title, names]) =>
            names.length === 0 ? null : (
              <section key={title} className="card">
                <h2>{title}</h2>
                <dl className="facts wide">
                  {names.map((name) => (
                    <div key={name}>
                      <dt>
                        <code>{name}</code>
                      </dt>
                      <dd>{shown(name, all[name])}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ),
          )}
        </div>
      </Pending>
    </>
  );
}

function shown(name: string, value: unknown): ReactNode {
  if (DURATIONS.has(name) && typeof value === "number") return duration(value);
  if (value === null || value === undefined) return <span className="quiet">none</span>;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length === 0 ? <span className="quiet">none</span> : value.join(", ");
  if (typeof value === "object") {
    const entries = Object.entries(value);
    return entries.length === 0 ? (
      <span className="quiet">none</span>
    ) : (
      entries.map(([key, one]) => <div key={key}>{`${key}: ${[one].flat().join(", ")}`}</div>)
    );
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

function duration(seconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => seconds >= each && seconds % each === 0) ?? UNITS[3];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
