import { auth, issuer } from "./auth.ts";

/** What the API refused, with the sentence it gave for it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;

  constructor(status: number, body: { error?: string; error_description?: string; field?: string }) {
    super(body.error_description ?? "The server cannot be reached. Try again.");
    this.status = status;
    this.code = body.error ?? "unreachable";
    this.field = body.field;
  }
}

/** Asks the administrators' API, as who is signed in. Throws a Refusal. */
export async function call<Body = null>(method: string, path: string, body?: unknown): Promise<Body> {
  const json = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let response: Response;
  try {
    response = await auth.fetch(`${issuer}/admin${path}`, { method, ...json });
  } catch {
    throw new Refusal(0, {});
  }
  const text = await response.text();
  const answer: unknown = text === "" ? null : parsed(text);
  if (!response.ok) throw new Refusal(response.status, answer ?? {});
  return answer as Body;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** The path with parameters, those that are empty left out. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== "");
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return query.size === 0 ? path : `${path}?${query}`;
}
