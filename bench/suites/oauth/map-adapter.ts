/**
 * Storage for node-oidc-provider: maps, nothing else. Its own memory adapter keeps 1,000 entries, drops what is older, and
 * looks at all tokens of a grant whenever one is added; it is made for trying things out, and would lose without need.
 */
import type { Adapter, AdapterPayload } from "oidc-provider";

const entries = new Map<string, AdapterPayload>();
const idsByUid = new Map<string, string>();
const keysByGrant = new Map<string, Set<string>>();

export class MapAdapter implements Adapter {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  #key(id: string): string {
    return `${this.#name}:${id}`;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    const key = this.#key(id);
    entries.set(key, payload);
    if (payload.uid !== undefined) idsByUid.set(payload.uid, id);
    if (payload.grantId === undefined || this.#name === "Session") return;
    const keys = keysByGrant.get(payload.grantId) ?? new Set();
    keysByGrant.set(payload.grantId, keys.add(key));
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return entries.get(this.#key(id));
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.find(idsByUid.get(uid) ?? "");
  }

  async findByUserCode(): Promise<undefined> {}

  async consume(id: string): Promise<void> {
    const entry = entries.get(this.#key(id));
    if (entry !== undefined) entry.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    entries.delete(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const key of keysByGrant.get(grantId) ?? []) entries.delete(key);
    keysByGrant.delete(grantId);
  }
}
