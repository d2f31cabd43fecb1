import { keepPreviousData, QueryClient, useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useNotices } from "../parts/notices.tsx";
import { call, Refusal, withQuery } from "./call.ts";
import type { ApiKey, AuditPage, Client, Key, KeyOwner, Lineage, Overview, Range, Session, User, UserWithWays } from "./types.ts";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the API has refused it will refuse again.
      retry: (count, error) => count < 2 && !(error instanceof Refusal && error.status >= 400 && error.status < 500),
      staleTime: 2000,
    },
  },
});

export function useOverview(range: Range) {
  return useQuery({
    queryKey: ["overview", range],
    queryFn: () => call<Overview>("GET", withQuery("/overview", { range })),
    refetchInterval: 5000,
    placeholderData: keepPreviousData,
  });
}

export interface UserFilter {
  readonly text: string;
  readonly role: string;
  readonly disabled: boolean;
}

export function useUsers({ text, role, disabled }: UserFilter) {
  return useInfiniteQuery({
    queryKey: ["users", text, role, disabled],
    queryFn: ({ pageParam }) => {
      const filter = { text: text.trim(), role: role.trim(), disabled: disabled ? "true" : "", after: pageParam };
      return call<{ users: User[]; next: string | null }>("GET", withQuery("/users", filter));
    },
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function useUser(id: string) {
  return useQuery({ queryKey: ["user", id], queryFn: () => call<UserWithWays>("GET", `/users/${encodeURIComponent(id)}`) });
}

export function useSessions(userId: string, ended: boolean) {
  return useInfiniteQuery({
    queryKey: ["sessions", userId, ended],
    queryFn: ({ pageParam }) =>
      call<{ sessions: Session[]; next: string | null }>(
        "GET",
        withQuery(`/users/${encodeURIComponent(userId)}/sessions`, { ended: ended ? "true" : "", after: pageParam }),
      ),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: 10_000,
  });
}

export function useLineage(id: string) {
  return useQuery({
    queryKey: ["lineage", id],
    queryFn: () => call<Lineage>("GET", `/sessions/${encodeURIComponent(id)}`),
    refetchInterval: 5000,
  });
}

export function useKeys() {
  return useQuery({
    queryKey: ["keys"],
    queryFn: async () => (await call<{ keys: Key[] }>("GET", "/keys?gone=true&limit=60")).keys,
    refetchInterval: 5000,
  });
}

export function useClients() {
  return useInfiniteQuery({
    queryKey: ["clients"],
    queryFn: ({ pageParam }) =>
      call<{ clients: Client[]; next: string | null }>("GET", withQuery("/clients", { after: pageParam })),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
  });
}

export function useClient(id: string) {
  return useQuery({
    queryKey: ["client", id],
    queryFn: async () => (await call<{ client: Client }>("GET", `/clients/${encodeURIComponent(id)}`)).client,
  });
}

export function useApiKeys(owner: KeyOwner) {
  return useInfiniteQuery({
    queryKey: ["api-keys", owner],
    queryFn: ({ pageParam }) =>
      call<{ apiKeys: ApiKey[]; next: string | null }>("GET", withQuery("/api-keys", { ...owner, after: pageParam })),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
  });
}

export interface AuditFilter {
  readonly type: string;
  readonly user: string;
  readonly session: string;
  readonly ip: string;
  readonly since: string;
  readonly until: string;
}

export function useAudit(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam }) => call<AuditPage>("GET", withQuery("/audit", { ...filter, before: pageParam })),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

export function useSettings() {
  return useQuery({
    queryKey: ["settings"],
    queryFn: async () => (await call<{ settings: Record<string, unknown> }>("GET", "/settings")).settings,
  });
}

/** Something done, told of when it is, and everything shown asked for anew. */
export function useAction<Input, Result>(act: (input: Input) => Promise<Result>, told: (result: Result, input: Input) => string) {
  const { tell } = useNotices();
  return useMutation({
    mutationFn: act,
    onSuccess(result, input) {
      tell(told(result, input));
      // Not waited for: whoever asked may be on the way to another page.
      void queries.invalidateQueries();
    },
    onError: (error) => tell(error.message, "bad"),
  });
}
