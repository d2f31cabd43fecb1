/** How far it is: a bar on a terminal, a line for each step elsewhere. */
import cliProgress from "cli-progress";

/** Of one suite. */
export interface Steps {
  /** How many there will be, in all. */
  expect(count: number): void;
  /** Said when a step begins. */
  step(what: string): void;
}

export interface Progress {
  /** Begins a suite, which takes about so many seconds. */
  begin(name: string, seconds: number): Steps;
  /** Prints something above the bar. */
  print(text: string): void;
  stop(): void;
}

/** `totalSeconds` of all suites together. */
export function showProgress(totalSeconds: number): Progress {
  const bar = process.stdout.isTTY ? new cliProgress.SingleBar(BAR) : null;
  let [before, current] = [0, 0];
  bar?.start(totalSeconds, 0, { what: "" });
  return {
    begin(name, seconds) {
      before += current;
      current = seconds;
      let [count, done] = [1, 0];
      return {
        expect(steps) {
          count = Math.max(1, steps);
        },
        step(what) {
          const share = Math.min(1, done++ / count);
          const text = `${name}: ${what}`;
          if (bar === null) console.log(`${percent((before + share * seconds) / totalSeconds)}  ${text}`);
          else bar.update(Math.round(before + share * seconds), { what: text });
        },
      };
    },
    print(text) {
      bar?.stop();
      console.log(text);
      bar?.start(totalSeconds, Math.round(before), { what: "" });
    },
    stop() {
      bar?.stop();
    },
  };
}

const BAR = {
  format: "{bar} {percentage} %  {what}",
  barCompleteChar: "█",
  barIncompleteChar: "░",
  barsize: 30,
  hideCursor: true,
  clearOnComplete: true,
  stopOnComplete: false,
  gracefulExit: true,
};

function percent(share: number): string {
  return `${String(Math.round(100 * share)).padStart(3)} %`;
}
