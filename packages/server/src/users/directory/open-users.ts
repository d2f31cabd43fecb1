import type { DirectoryDeps } from "./keep-up.ts";
import type { UserStore } from "../user-store.ts";
import { checkedDirectory } from "./ask-directory.ts";
import { createDirectoryUserStore } from "./directory-user-store.ts";
import type { UserDirectory } from "./user-directory.ts";

/** Where users are: the application's table, if it has given one, else the server's. */
export function openUsers(directory: UserDirectory | undefined, deps: Omit<DirectoryDeps, "directory">): UserStore {
  if (directory === undefined) return deps.store;
  const isKnown = async (id: string): Promise<boolean> => (await deps.store.find(id)) !== null;
  return createDirectoryUserStore({ ...deps, directory: checkedDirectory(directory, { isKnown }) });
}
