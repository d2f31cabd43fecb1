import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { checkLinks } from "./check-links.ts";

const trees: string[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true });
});

const guide = `# The guide

## Sign in & sign out
## \`createGuard(options)\`
## Twice
## Twice
## Über_alles – *déjà* vu
<a id="by-hand"></a>
`;

function problemsOf(readme: string): string[] {
  const root = mkdtempSync(join(tmpdir(), "check-links-"));
  trees.push(root);
  const files = { "README.md": readme, "docs/guide.md": guide, "docs/a b.md": "# A", "src/guard.ts": "one\ntwo\n" };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return checkLinks(root).map(({ file, line, problem }) => `${file}:${line} ${problem}`);
}

describe("accepts", () => {
  it.each([
    "[file](docs/guide.md)",
    "[file](./docs/guide.md)",
    "[from the root](/docs/guide.md)",
    "[folder](docs)",
    "[escaped](docs/a%20b.md)",
    "[heading](docs/guide.md#sign-in--sign-out)",
    "[code in a heading](docs/guide.md#createguardoptions)",
    "[first](docs/guide.md#twice) [second](docs/guide.md#twice-1)",
    "[letters](docs/guide.md#über_alles--déjà-vu)",
    "[by hand](docs/guide.md#by-hand)",
    "# Here\n\n[same page](#here)",
    "[line](src/guard.ts#L2) [lines](src/guard.ts#L1-L2)",
    "[reference][guide]\n\n[guide]: docs/guide.md",
    "[elsewhere](https://example.com/nothing#here) [mail](mailto:a@example.com) <https://example.com>",
    "`[code](nowhere.md)` and `rows[0][1]`",
    "```\n[code](nowhere.md)\n```",
  ])("%s", (text) => {
    expect(problemsOf(text)).toEqual([]);
  });
});

describe("refuses", () => {
  it.each([
    ["[file](docs/none.md)", "does not exist"],
    ["![image](logo.svg)", "does not exist"],
    ["| a |\n|---|\n| [in a table](none.md) |", "does not exist"],
    ["[heading](docs/guide.md#none)", "has no such heading"],
    ["[third](docs/guide.md#twice-2)", "has no such heading"],
    ["[same page](#none)", "has no such heading"],
    ["[reference][guide]\n\n[guide]: docs/none.md", "does not exist"],
    ["[reference][none]", "has no definition"],
    ["[line](src/guard.ts#L3)", "is beyond the last line (2)"],
    ["[lines](src/guard.ts#L1-L9)", "is beyond the last line (2)"],
    ["[symbol](src/guard.ts#createGuard)", "is not a line of code"],
    ["[folder](docs#guide)", "is a folder"],
    ["[out](../README.md)", "leads out of the repository"],
  ])("%s", (text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)]);
  });

  it("and says where", () => {
    expect(problemsOf("# Title\n\nText, and\n\na [link](none.md)")).toEqual(["README.md:5 none.md does not exist"]);
  });
});
