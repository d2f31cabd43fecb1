import { randomBytes } from "node:crypto";
import { temporaryFolder } from "../launch.ts";
import { startOstiary } from "../start-ostiary.ts";
import type { RunningServer } from "../start-ostiary.ts";
import type { ProcessReport } from "./history/evidence.ts";
import type { FaultDatabase } from "./stores/fault-store.ts";

const ISSUER = "http://localhost:4000/auth";
const REPLICAS = ["server 1", "server 2"];

export interface Replica {
  readonly name: string;
  readonly server: RunningServer;
  /** False from just before it is killed until it answers again. */
  readonly isUp: boolean;
}

/** Two servers on one database that are one issuer. Owns their lives and what they said in them. */
export interface Deployment {
  readonly issuer: string;
  readonly replicas: readonly Replica[];
  readonly graceSeconds: number;
  /** Ends it with kill -9 and starts it on the same port. */
  killAndRestart(number: number): Promise<void>;
  /** Stops all and starts one of them again, with another grace. */
  restartOne(graceSeconds: number): Promise<void>;
  stop(): Promise<void>;
  /** How each process that was ever started has fared. */
  reports(): ProcessReport[];
}

export async function deploy(database: FaultDatabase, grace: number): Promise<Deployment> {
  let graceSeconds = grace;
  const secret = randomBytes(32).toString("base64url");
  const folder = temporaryFolder();
  const reports: (() => ProcessReport)[] = [];
  const endedByUs = new Set<RunningServer>();

  async function start(name: string, port?: number): Promise<RunningServer> {
    const env = {
      ...database.env,
      OSTIARY_ISSUER: ISSUER,
      OSTIARY_SECRET: secret,
      OSTIARY_LIMITS: "off",
      OSTIARY_ROTATION_GRACE: String(graceSeconds),
    };
    const server = await startOstiary({ folder, env, ...(port === undefined ? {} : { port }) });
    reports.push(() => {
      const { hasEnded, stderr } = server.process;
      return { name, endedByItself: hasEnded && !endedByUs.has(server), stderr };
    });
    return server;
  }

  async function end(server: RunningServer, how: "stop" | "kill"): Promise<void> {
    if (!server.process.hasEnded) endedByUs.add(server);
    await (how === "kill" ? server.kill() : server.stop());
  }

  const replicas = await Promise.all(REPLICAS.map(async (name) => ({ name, server: await start(name), isUp: true })));

  async function replace(replica: (typeof replicas)[number], how: "stop" | "kill"): Promise<void> {
    replica.isUp = false;
    await end(replica.server, how);
    replica.server = await start(replica.name, replica.server.port);
    replica.isUp = true;
  }

  return {
    issuer: ISSUER,
    replicas,
    get graceSeconds() {
      return graceSeconds;
    },
    killAndRestart: (number) => replace(replicas[number]!, "kill"),
    async restartOne(seconds) {
      graceSeconds = seconds;
      const [first, ...others] = replicas;
      for (const replica of others) replica.isUp = false;
      await Promise.all([replace(first!, "stop"), ...others.map(({ server }) => end(server, "stop"))]);
    },
    async stop() {
      await Promise.all(replicas.filter(({ isUp }) => isUp).map(({ server }) => end(server, "stop")));
    },
    reports: () => reports.map((report) => report()),
  };
}
