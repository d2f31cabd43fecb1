import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { StartError } from "../errors.ts";
import { jwksMaxAgeSeconds } from "../keys/key-policy.ts";
import type { KeySummary } from "../keys/keys.ts";
import { at, describeKeys, keyBody } from "./describe-key.ts";
import { withStore } from "./with-store.ts";
import type { Stored } from "./with-store.ts";

export function addKeysCommand(program: Command): void {
  const keys = program.command("keys").description("List, rotate, take out and import signing keys; works beside a running server.");

  keys
    .command("list")
    .description("The keys: what signs, what comes next and when, what still verifies.")
    .option("--all", "also those that are gone")
    .option("--json", "print JSON, one key a line")
    .action(({ all = false, json }: Printing & { all?: boolean }) =>
      withStore(async (stored) => {
        const found = await stored.keys.list({ gone: all });
        if (json) print(found, json);
        else for (const line of describeKeys(found)) console.log(line);
      }),
    );

  const rotate = keys
    .command("rotate")
    .description("Let the next key sign, once it has been published long enough.")
    .option("--now", "even if it has not been: guards that do not look for it at once refuse its tokens for a while")
    .option("--refresh", "the key of refresh tokens; nobody is signed out")
    .option("--compromised", "take out the key that signs at once, and have everything it signed refused")
    .option("--all", "with --compromised: every key of access tokens, as when database and secret have leaked")
    .option("--json", "print JSON, one key a line")
    .action(async (options: RotateOptions) => {
      const { now, refresh, compromised, all } = options;
      if (compromised ? now || refresh : all) {
        rotate.error("--compromised goes alone or with --all, and --all only with it.", { exitCode: 2 });
      }
      await withStore((stored) => (compromised ? withdraw(stored, all ? "all" : "signing", options) : rotateKey(stored, options)));
    });

  keys
    .command("retire")
    .argument("<kid>", "the key's id, as list shows it")
    .description("Take out one key in good order: tokens it has signed go on being good.")
    .option("--compromised", "at once, and have everything it signed refused")
    .option("--json", "print JSON, one key a line")
    .action((kid: string, options: Printing & { compromised?: boolean }) =>
      withStore((stored) => (options.compromised ? withdraw(stored, { id: kid }, options) : retire(stored, kid, options))),
    );

  keys
    .command("import")
    .argument("<file>", 'a private key, PEM or JWK, or "-" to read it from standard input')
    .description("Put a private key of your own into the ring: PEM or JWK, for the signing algorithm; - reads standard input.")
    .option("--key-id <kid>", "the kid of what it signs (default: the JWK's own, else the RFC 7638 thumbprint)")
    .option("--now", "let it sign at once, without having been published first")
    .option("--json", "print JSON")
    .action((file: string, options: Printing & { keyId?: string; now?: boolean }) =>
      withStore((stored) => importKey(stored, file, options)),
    );
}

interface Printing {
  json?: boolean;
}

interface RotateOptions extends Printing {
  now?: boolean;
  refresh?: boolean;
  compromised?: boolean;
  all?: boolean;
}

async function rotateKey({ keys }: Stored, { refresh, now = false, json }: RotateOptions): Promise<void> {
  const next = await keys.rotate({ purpose: refresh ? "refresh" : "access", now });
  print([next], json, whatFollows(next));
}

async function withdraw(
  { keys, ring }: Stored,
  which: Parameters<Stored["keys"]["withdraw"]>[0],
  { json }: Printing,
): Promise<void> {
  const gone = await keys.withdraw(which);
  const signing = (await keys.list()).find(({ purpose, state }) => purpose === gone[0]?.purpose && state === "active");
  const age = jwksMaxAgeSeconds(ring.policy);
  const access = `Guards that follow revocations refuse what it signed within a second, others once they fetch the keys again, ${age} seconds at the latest.`;
  const refresh = "Sessions whose tokens it signed have to sign in again.";
  const follows = gone[0]?.purpose === "access" ? access : refresh;
  print(gone, json, `Taken out: ${gone.map(({ id }) => id).join(", ")}. ${signing?.id} signs now.\n${follows}`);
}

async function retire({ keys }: Stored, kid: string, { json }: Printing): Promise<void> {
  const key = await keys.retire(kid);
  print([key], json, describeKeys([key]).at(-1)?.trim());
}

async function importKey(
  { keys, settings }: Stored,
  file: string,
  { keyId, now = false, json }: Printing & { keyId?: string; now?: boolean },
): Promise<void> {
  const { readPrivateKey } = await import("./read-private-key.ts");
  const key = readPrivateKey(readText(file), settings.signingAlgorithm, keyId);
  const imported = await keys.import(key, { now });
  print([imported], json, whatFollows(imported));
}

function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    throw new StartError(`${file} cannot be read (${cause instanceof Error ? cause.message : String(cause)}).`, { cause });
  }
}

function whatFollows({ id, state, activatesAt }: KeySummary): string {
  if (state === "active") return `${id} signs now. What the key before has signed goes on being good until it expires.`;
  return `${id} is published, and signs from ${at(activatesAt)}. Until then, the key before does.`;
}

function print(keys: readonly KeySummary[], json = false, text = ""): void {
  if (json) for (const key of keys) console.log(JSON.stringify(keyBody(key)));
  else console.log(text);
}
