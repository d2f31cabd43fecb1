/** What a package's page at the registry has to say: whoever finds it there has seen nothing else. Pure. */

/** What is wrong with the README of the package `name`, a sentence each. */
export function readmeProblems(name: string, readme: string | undefined): string[] {
  if (readme === undefined) return [`${name}: README.md is missing`];
  const installs = readme.split("\n").filter((line) => line.startsWith("npm install "));
  const problems: string[] = [];
  if (!readme.startsWith(`# ${name}\n`)) problems.push("does not begin with the package's name");
  if (!installs.some((line) => line.split(" ").includes(name))) problems.push(`does not say \`npm install ${name}\``);
  if (!readme.includes("\n```ts\nimport ")) problems.push("has no program");
  if (!/\]\(\.\.\/\.\.\/(?:README|docs\/[\w-]+)\.md\)/.test(readme)) problems.push("leads nowhere");
  return problems.map((problem) => `${name}: README.md ${problem}`);
}
