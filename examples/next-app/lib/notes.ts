/** In memory; an app has a database. One for the process, however often this module is loaded. */
const kept = globalThis as { notes?: Map<string, string[]> };

export function notesOf(userId: string): string[] {
  const notes = (kept.notes ??= new Map<string, string[]>());
  const own = notes.get(userId) ?? [];
  notes.set(userId, own);
  return own;
}
