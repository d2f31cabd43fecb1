/** As much of HTML as pages of sign-in need: forms, links, and where a page leads by itself. Scripts are not run. */

export interface Form {
  /** As it stands there; empty: the page's own address. */
  readonly action: string;
  readonly method: string;
  readonly fields: readonly Control[];
  readonly buttons: readonly Control[];
}

export interface Control {
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", "#39": "'" };

export function formsOf(page: string): Form[] {
  const outside = page.replaceAll(/<form\b[\s\S]*?<\/form>/gi, "");
  return Array.from(page.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi), ([, tag = "", body = ""]) => {
    const { action = "", method = "get", id } = attributesOf(tag);
    // A button may stand elsewhere on the page and name its form.
    const others = controlsOf(outside, "button").filter(({ form }) => id !== undefined && form === id);
    return {
      action,
      method: method.toLowerCase(),
      fields: controlsOf(body, "input").map(asControl),
      buttons: [...controlsOf(body, "button"), ...others].map(asControl),
    };
  });
}

/** Where the page goes without anybody's doing; undefined if it stays. */
export function refreshOf(page: string): string | undefined {
  const metas = Array.from(page.matchAll(/<meta\b([^>]*)>/gi), ([, tag = ""]) => attributesOf(tag));
  const refresh = metas.find((meta) => meta["http-equiv"]?.toLowerCase() === "refresh");
  return /^\s*\d+\s*;\s*url=(.*)$/i.exec(refresh?.["content"] ?? "")?.[1];
}

/** Where its links lead, as it stands there. */
export function linksOf(page: string): string[] {
  return Array.from(page.matchAll(/<a\b([^>]*)>/gi), ([, tag = ""]) => attributesOf(tag)["href"] ?? "");
}

function controlsOf(markup: string, element: "input" | "button"): Record<string, string>[] {
  return Array.from(markup.matchAll(new RegExp(`<${element}\\b([^>]*)>`, "gi")), ([, tag = ""]) => attributesOf(tag));
}

function asControl({ type = "", name = "", value = "" }: Record<string, string>): Control {
  return { type: type.toLowerCase(), name, value };
}

function attributesOf(tag: string): Record<string, string> {
  const found = tag.matchAll(/([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g);
  return Object.fromEntries(Array.from(found, ([, name = "", a, b, c]) => [name.toLowerCase(), unescaped(a ?? b ?? c ?? "")]));
}

function unescaped(text: string): string {
  return text.replaceAll(/&(#x?[\da-f]+|\w+);/gi, (whole, entity: string) => {
    if (Object.hasOwn(ENTITIES, entity)) return ENTITIES[entity] ?? whole;
    const [, hex, decimal] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(entity) ?? [];
    if (hex === undefined && decimal === undefined) return whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
