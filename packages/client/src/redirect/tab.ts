import type { Notes } from "../environment.ts";

/** The browser tab that leaves for the auth server's pages and comes back. */
export interface Tab {
  readonly address: () => string;
  /** Leaves. */
  readonly go: (url: string) => void;
  /** Shows another address of the same page, in place of the one that is there. */
  readonly rewrite: (url: string) => void;
  /** Stay in this tab, and outlive its pages. Never hold a token. */
  readonly notes: Notes;
}

/** Null where there is none: on a server, in Node, in React Native. */
export function browserTab(): Tab | null {
  if (typeof document === "undefined") return null;
  return {
    address: () => location.href,
    go: (url) => location.assign(url),
    rewrite: (url) => history.replaceState(history.state, "", url),
    notes: {
      read: (name) => sessionStorage.getItem(name),
      write(name, value) {
        if (value === null) sessionStorage.removeItem(name);
        else sessionStorage.setItem(name, value);
      },
    },
  };
}
