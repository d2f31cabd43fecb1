import { validate } from "dockerfile-utils";
import { parseDockerfile } from "./dockerfile.ts";
import type { Instruction } from "./dockerfile.ts";

/** What is wrong with our Dockerfile, a sentence each: what a linter finds, and rules of our own. Pure. */
export function dockerfileProblems(text: string, nodeVersion: string): string[] {
  const problems = validate(text).map(
    ({ message, range }) => `line ${range.start.line + 1}: ${typeof message === "string" ? message : message.value}`,
  );
  const stages = parseDockerfile(text);
  const base = `node:${nodeVersion}-`;
  for (const { image } of stages) {
    if (!image.startsWith(base)) problems.push(`${image} is not ${base}…, the Node that the tests run under`);
  }
  for (const { values } of stages.flatMap(({ instructions }) => instructions)) {
    for (const name of Object.keys(values)) {
      if (/secret|password|token/i.test(name)) problems.push(`${name} would be in the image for everybody`);
    }
  }

  const last = stages.at(-1)?.instructions ?? [];
  const of = (keyword: string): Instruction | undefined => last.findLast((instruction) => instruction.keyword === keyword);
  if (!/^[1-9]\d*(?::\d+)?$/.test(of("USER")?.text ?? "")) problems.push("the last USER has to be a number, and not root's");
  for (const keyword of ["ENTRYPOINT", "HEALTHCHECK"]) {
    if (of(keyword)?.exec?.[0] !== "node") {
      problems.push(`${keyword} has to start node, in exec form: a shell would keep signals to itself`);
    }
  }
  if (of("CMD") !== undefined && of("CMD")?.exec === null) problems.push("CMD has to be in exec form");
  if (of("STOPSIGNAL")?.text !== "SIGTERM") problems.push("STOPSIGNAL has to be SIGTERM");
  if (of("VOLUME")?.exec?.includes(of("ENV")?.values["OSTIARY_DATA_DIR"] ?? "") !== true) {
    problems.push("the data folder has to be a VOLUME");
  }
  if (of("ENV")?.values["NODE_ENV"] !== "production") problems.push("NODE_ENV has to be production");
  if (last.some(({ keyword, text: words }) => keyword === "RUN" && /\b(?:npm|apt|curl|wget)\b/.test(words))) {
    problems.push("nothing is installed in the last stage");
  }
  const labels = Object.keys(
    Object.assign({}, ...last.filter(({ keyword }) => keyword === "LABEL").map(({ values }) => values)) as object,
  );
  for (const label of ["title", "description", "licenses", "version", "revision"]) {
    if (!labels.includes(`org.opencontainers.image.${label}`)) {
      problems.push(`the label org.opencontainers.image.${label} is missing`);
    }
  }
  return problems;
}
