/** Why an exchange over the network failed, in a few words: its error code if there is one. */
export function describeFailure(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return `failed: ${cause.code}`;
  return `failed: ${cause instanceof Error ? cause.message : String(cause)}`;
}
