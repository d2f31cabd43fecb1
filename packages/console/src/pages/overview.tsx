import { useState } from "react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useOverview } from "../api/queries.ts";
import type { Counted, Overview, Range, SeriesName } from "../api/types.ts";
import { Chart, sum } from "../parts/chart.tsx";
import { Badge, Empty, Pending } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import { When } from "../parts/when.tsx";

const RANGES: Readonly<Record<Range, string>> = { day: "24 hours", week: "7 days", month: "30 days" };

/** A guard that has taken nothing for so long is behind what it may allow itself. */
const STALE_SECONDS = 5;

export function OverviewPage(): ReactNode {
  const [range, setRange] = useState<Range>("day");
  const overview = useOverview(range);
  return (
    <>
      <div className="head">
        <h1>Overview</h1>
        <div className="segments" role="group" aria-label="Range">
          {(Object.keys(RANGES) as Range[]).map((one) => (
            <button key={one} type="button" aria-pressed={one === range} onClick={() => setRange(one)}>
              {RANGES[one]}
            </button>
          ))}
        </div>
      </div>
      <Pending of={overview}>{overview.data !== undefined && <Numbers overview={overview.data} />}</Pending>
    </>
  );
}

function Numbers({ overview }: { overview: Overview }): ReactNode {
  const { intervals, users, sessions, guards } = overview;
  const times = intervals.map(({ from }) => Date.parse(from) / 1000);
  const values = (name: SeriesName): number[] => intervals.map(({ counts }) => counts[name]);
  const thefts = sum(values("thefts"));
  const span = RANGES[overview.range];
  return (
    <>
      <dl className="figures">
        <Figure name="Live sessions" value={counted(sessions)} />
        <Figure name="Users" value={counted(users)} />
        <Figure name={`Sign-ins, ${span}`} value={sum(values("signIns")).toLocaleString("en")} />
        <Figure
          name={`Thefts, ${span}`}
          value={thefts.toLocaleString("en")}
          {...(thefts > 0 ? { tone: "bad", to: "/audit?type=refresh_token_reused" } : {})}
        />
        <Figure name="Guards following" value={String(guards.length)} />
      </dl>
      <div className="charts">
        <ChartCard
          title="Signing in"
          times={times}
          series={[
            { label: "Sign-ins", colour: "--c-good", values: values("signIns") },
            { label: "Failures", colour: "--c-warn", values: values("failures") },
          ]}
        />
        <ChartCard
          title="Refreshes"
          times={times}
          series={[{ label: "Refreshes", colour: "--c-main", values: values("refreshes") }]}
        />
        <ChartCard
          title="Endings"
          times={times}
          series={[{ label: "Revocations", colour: "--c-other", values: values("revocations") }]}
        />
        <ChartCard title="Thefts" times={times} series={[{ label: "Thefts", colour: "--c-bad", values: values("thefts") }]} />
      </div>
      <section>
        <h2>Guards</h2>
        {guards.length === 0 ? (
          <Empty title="No guard follows this server.">
            <p>Guards with credentials learn of sign-outs within milliseconds. Make them under Clients.</p>
          </Empty>
        ) : (
          <Table label="Guards" columns={["Guard", "State", "Behind", "Waiting", "Connected"]} className="">
            {guards.map(({ clientId, name, since, live, silentSeconds, waitingBytes }, i) => (
              <tr key={`${clientId} ${since} ${i}`}>
                <th scope="row">{name}</th>
                <td>
                  <GuardState silentSeconds={silentSeconds} live={live} />
                </td>
                <td>{silentSeconds === 0 ? "under a second" : `${silentSeconds} s`}</td>
                <td>{waitingBytes === 0 ? "nothing" : `${Math.ceil(waitingBytes / 1024)} KB`}</td>
                <td>
                  <When at={since} />
                </td>
              </tr>
            ))}
          </Table>
        )}
        <p className="quiet">
          As this server sees them: the revocation log is at {overview.revocationLog.seq.toLocaleString("en")}, read{" "}
          <When at={overview.revocationLog.readAt} />.
        </p>
      </section>
    </>
  );
}

/** `to`: where it is told what happened. */
function Figure({
  name,
  value,
  tone = "plain",
  to,
}: {
  name: string;
  value: string;
  tone?: "bad" | "plain";
  to?: string;
}): ReactNode {
  return (
    <div className={`figure ${tone}`}>
      <dt>{name}</dt>
      <dd>{to === undefined ? value : <Link href={to}>{value}</Link>}</dd>
    </div>
  );
}

function GuardState({ silentSeconds, live }: { silentSeconds: number; live: boolean }): ReactNode {
  if (silentSeconds > STALE_SECONDS) return <Badge tone="bad">Stale</Badge>;
  return live ? <Badge tone="good">Live</Badge> : <Badge tone="warn">Catching up</Badge>;
}

function ChartCard(props: { title: string } & Parameters<typeof Chart>[0]): ReactNode {
  return (
    <section className="card">
      <h2>{props.title}</h2>
      <Chart times={props.times} series={props.series} />
    </section>
  );
}

function counted({ count, orMore }: Counted): string {
  return `${count.toLocaleString("en")}${orMore ? "+" : ""}`;
}
