/** What this origin keeps, keys included: browsers store them without a script ever seeing what is in them. */
export interface Vault {
  read(name: string): Promise<unknown>;
  /** Resolves when it would outlive a crash. Null removes it. */
  write(name: string, value: unknown): Promise<void>;
  /** Keeps the value unless there is one: which of two tabs is first is decided here. Resolves with what is there then. */
  add(name: string, value: unknown): Promise<unknown>;
}

const DATABASE = "ostiary";
const STORE = "kept";

/** In IndexedDB; in memory where there is none, or where the browser keeps it from the page. */
export function openVault(factory: IDBFactory | undefined = (globalThis as { indexedDB?: IDBFactory }).indexedDB): Vault {
  let opened: Promise<Vault> | null = null;
  let hadOne = false;
  const forget = (): void => void (opened = null);
  async function openDatabase(from: IDBFactory): Promise<Vault> {
    try {
      const database = await databaseOf(from);
      hadOne = true;
      // The browser closes it when the person clears the site's data, or the disk is gone.
      database.addEventListener("close", forget);
      return databaseVault(database);
    } catch (error) {
      if (!hadOne) return memoryVault();
      // What is in the database is only out of reach: beside it nothing else is begun.
      forget();
      throw error;
    }
  }
  const open = (): Promise<Vault> => (opened ??= factory === undefined ? Promise.resolve(memoryVault()) : openDatabase(factory));
  async function using<T>(act: (vault: Vault) => Promise<T>): Promise<T> {
    const had = open();
    try {
      return await act(await had);
    } catch (error) {
      // Of a connection that was closed unnoticed. Nothing has been done with it.
      if ((error as Error).name !== "InvalidStateError") throw error;
      if (opened === had) forget();
      return act(await open());
    }
  }
  return {
    read: (name) => using((vault) => vault.read(name)),
    write: (name, value) => using((vault) => vault.write(name, value)),
    add: (name, value) => using((vault) => vault.add(name, value)),
  };
}

async function databaseOf(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, 1);
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE));
  return settled(request);
}

function databaseVault(database: IDBDatabase): Vault {
  const begin = (mode: IDBTransactionMode): IDBTransaction => database.transaction(STORE, mode, { durability: "strict" });
  return {
    read: (name) => settled(begin("readonly").objectStore(STORE).get(name)),
    async write(name, value) {
      const transaction = begin("readwrite");
      const store = transaction.objectStore(STORE);
      if (value === null) store.delete(name);
      else store.put(value, name);
      await committed(transaction);
    },
    async add(name, value) {
      const transaction = begin("readwrite");
      const store = transaction.objectStore(STORE);
      const there: unknown = await settled(store.get(name));
      if (there === undefined) store.put(value, name);
      await committed(transaction);
      return there ?? value;
    },
  };
}

function memoryVault(): Vault {
  const kept = new Map<string, unknown>();
  return {
    read: async (name) => kept.get(name),
    async write(name, value) {
      if (value === null) kept.delete(name);
      else kept.set(name, value);
    },
    async add(name, value) {
      if (!kept.has(name)) kept.set(name, value);
      return kept.get(name);
    },
  };
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(asError(request.error)));
  });
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () => reject(asError(transaction.error)));
  });
}

function asError(error: DOMException | null): Error {
  return error ?? new Error("The browser's database gave up.");
}
