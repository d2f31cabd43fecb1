import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

/** In minutes rather than seconds. */
const SLOWEST = /\/e2e\/faults\//;
/** With processes of their own to start and to wait for. */
const SLOW = /\/e2e\/|\/src\/cli\//;

/** What takes long begins first: begun last, it would be waited for by all but one of the workers. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- no array: the order without this one
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  if (SLOWEST.test(moduleId)) return 0;
  return SLOW.test(moduleId) ? 1 : 2;
}
