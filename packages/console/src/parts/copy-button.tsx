import { useState } from "react";
import type { ReactNode } from "react";

export function CopyButton({ text, what }: { text: string; what: string }): ReactNode {
  const [isCopied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch {
      // Not allowed here: the text stands beside it.
    }
  }
  return (
    <button type="button" className="small" onClick={() => void copy()} aria-label={`Copy ${what}`}>
      {isCopied ? "Copied" : "Copy"}
    </button>
  );
}
