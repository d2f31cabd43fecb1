import { useEffect, useState } from "react";

const SETTLED_MS = 250;

/** What is in a field once nobody has typed for a moment: a server need not find what is on its way to a word. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
