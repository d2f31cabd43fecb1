import type { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider";

/** What the foreign provider remembers, so that one of its kind can go on where another was. What is over, it sees itself. */
export function foreignMemory(): AdapterFactory {
  const rows = new Map<string, AdapterPayload>();
  const where = (isMeant: (row: AdapterPayload) => boolean) => [...rows].find(([, row]) => isMeant(row))?.[1];
  return (model): Adapter => ({
    upsert: async (id, payload) => void rows.set(`${model} ${id}`, payload),
    find: async (id) => rows.get(`${model} ${id}`),
    findByUid: async (uid) => where((row) => row.uid === uid),
    findByUserCode: async (userCode) => where((row) => row.userCode === userCode),
    async consume(id) {
      const row = rows.get(`${model} ${id}`);
      if (row !== undefined) row.consumed = Math.floor(Date.now() / 1000);
    },
    destroy: async (id) => void rows.delete(`${model} ${id}`),
    async revokeByGrantId(grantId) {
      for (const [key, row] of rows) if (row.grantId === grantId) rows.delete(key);
    },
  });
}
