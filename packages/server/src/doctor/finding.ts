export interface Finding {
  /** The same in every version, for scripts: `postgres.fsync`. */
  readonly id: string;
  readonly level: "ok" | "warning" | "error";
  /** What is so, and what follows from it. */
  readonly message: string;
  /** What to do; null where all is well. */
  readonly mend: string | null;
}

export function ok(id: string, message: string): Finding {
  return { id, level: "ok", message, mend: null };
}

export function warning(id: string, message: string, mend: string): Finding {
  return { id, level: "warning", message, mend };
}

export function error(id: string, message: string, mend: string): Finding {
  return { id, level: "error", message, mend };
}
