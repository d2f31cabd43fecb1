import Bowser from "bowser";

/** The most user agents whose labels are remembered: parsing one costs a tenth of a refresh. */
const LABELS_KEPT = 1000;
const labels = new Map<string, string>();

/** "Chrome on macOS"; for what is no browser, the name it gives itself. */
export function deviceLabel(userAgent: string | null): string {
  if (userAgent === null || userAgent === "") return "Unknown device";
  const known = labels.get(userAgent);
  if (known !== undefined) return known;
  const { browser, os } = Bowser.parse(userAgent);
  const name = browser.name || /^[A-Za-z][\w.-]{0,39}/.exec(userAgent)?.[0] || "Unknown";
  const label = os.name ? `${name} on ${os.name}` : name;
  if (labels.size >= LABELS_KEPT) labels.clear();
  labels.set(userAgent, label);
  return label;
}
