export class TooLate extends Error {}

/** The result of `work`, or a failure once `ms` have passed; what the work comes to then is nobody's concern. */
export async function inTime<Result>(ms: number, what: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  let last: NodeJS.Immediate | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const refuse = (): void => reject(new TooLate(`${what} did not answer within ${Math.ceil(ms)} ms.`));
    // If it is this process that was busy for so long, the answer is there, but not read yet: that comes first.
    timer = setTimeout(() => (last = setImmediate(refuse)), ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
    clearImmediate(last);
  }
}
