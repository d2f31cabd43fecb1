import { expect, it } from "vitest";

import { translationProblems } from "./check-translation.ts";

const original = `# Ostiary

[한국어](README.ko.md)

Run \`npm test\`, and read [the guide](docs/guide.md).

\`\`\`sh
npm ci
\`\`\`

## Promises

| promise | measured |
|---|---|
| soon, on 2026-11-23 | 0.9 ms (p50), 1,200 times |
| fast | {{REQUESTS}} |

![Sign-in](sign-in.png)
`;

const translation = `# Ostiary

[English](README.md)

[안내서](docs/guide.md)를 읽고 \`npm test\`를 실행하세요.

\`\`\`sh
npm ci
\`\`\`

## 약속

| 약속 | 측정값 |
|---|---|
| 곧, 2026-11-23 | 1,200번에 걸쳐 0.9 ms (p50) |
| 빠름 | {{REQUESTS}} |

![로그인](sign-in.png)
`;

it("accepts other words in another order", () => {
  expect(translationProblems(original, translation)).toEqual([]);
});

it.each([
  ["a heading of another level", "## 약속", "### 약속", 11, "headings: h3, where README.md has h2"],
  ["a heading that is missing", "## 약속\n", "약속\n", 1, "headings: no more, where README.md has h2"],
  ["a heading more", "![로그인]", "## 그림\n\n![로그인]", 18, "headings: h2, where README.md has no more"],
  ["other code", "npm ci\n", "npm install\n", 8, "code: npm install, where README.md has npm ci"],
  ["code in another language", "```sh", "```text", 7, "code: ```text, where README.md has ```sh"],
  ["another command", "`npm test`", "`npm run check`", 5, "links, pictures and commands: `npm run check` docs/guide.md, where README.md has `npm test` docs/guide.md"],
  ["another link", "docs/guide.md", "docs/ko.md", 5, "links, pictures and commands: `npm test` docs/ko.md, where README.md has `npm test` docs/guide.md"],
  ["no way to the other language", "(README.md)", "(docs/guide.md)", 3, "links, pictures and commands: docs/guide.md, where README.md has the other language"],
  ["another picture", "(sign-in.png)", "(sign-up.png)", 18, "links, pictures and commands: sign-up.png, where README.md has sign-in.png"],
  ["another number", "0.9", "0.8", 15, "numbers in tables: 0.8 1,200 50, where README.md has 0.9 1,200 50"],
  ["a number that the other waits for", "{{REQUESTS}}", "1.1", 16, "numbers in tables: 1.1, where README.md has {{REQUESTS}}"],
])("refuses %s", (_, right, wrong, line, problem) => {
  expect(translationProblems(original, translation.replace(right, wrong))).toEqual([{ file: "README.ko.md", line, problem }]);
});
