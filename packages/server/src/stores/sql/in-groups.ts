/** So that a statement's parameters stay far below what the databases take. */
const USUAL_MAX = 500;

interface Job<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Questions that come together are asked together, and those that come while as many groups as `atOnce` (default 1) are
 * under way are the next group, of `max` at most (default 500): under load, many share one statement and one commit, on
 * as few connections.
 */
export function inGroups<Item, Answer>(
  askAll: (items: readonly Item[]) => Promise<(item: Item) => Answer>,
  { atOnce = 1, max = USUAL_MAX } = {},
): (item: Item) => Promise<Answer> {
  let waiting: Job<Item, Answer>[] = [];
  let underWay = 0;
  /** Whether the next group is about to be asked: whoever comes now is in it. */
  let gathering = false;

  async function work(): Promise<void> {
    gathering = false;
    const group = waiting.slice(0, max);
    waiting = waiting.slice(max);
    try {
      const answer = await askAll(group.map(({ item }) => item));
      for (const job of group) job.resolve(answer(job.item));
    } catch (error) {
      // Whoever has come meanwhile has waited for the same database: none waits for two failures.
      for (const job of [...group, ...waiting]) job.reject(error);
      waiting = [];
    }
    underWay--;
    if (waiting.length > 0) begin();
  }

  /** Once this turn of the event loop has brought what it brings: where the database blocks, that is most. */
  function begin(): void {
    if (gathering || underWay >= atOnce) return;
    gathering = true;
    underWay++;
    setImmediate(() => void work());
  }

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    waiting.push({ item, resolve, reject });
    begin();
    return promise;
  };
}
