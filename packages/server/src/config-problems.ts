import type { z } from "zod";

/** One sentence for each thing that is wrong, naming the setting as it was given. */
export function describeProblems(error: z.ZodError, nameOf: (path: string) => string): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => `${[...issue.path, key].join(".")} is not a setting.`);
    }
    return [`${nameOf(issue.path.join("."))}: ${issue.message}`];
  });
}
