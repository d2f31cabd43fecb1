import type { Attributes } from "@opentelemetry/api";

/** What OpenTelemetry keeps of a process: there as soon as an SDK has been registered, by whichever copy of its library. */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");

/** Looked at again and again: an application may register its SDK after it has made the server. */
export function isTraced(): boolean {
  const registry = (globalThis as { [REGISTRY]?: { trace?: unknown } })[REGISTRY];
  return registry?.trace !== undefined;
}

/** Does `work` in a span of a request, and passes it how to end it: with the status of the answer. The library is loaded for it. */
export async function inRequestSpan<Result>(
  name: string,
  attributes: Attributes,
  work: (end: (status: number) => void) => Result | Promise<Result>,
): Promise<Result> {
  const { SpanKind, SpanStatusCode, trace } = await import("@opentelemetry/api");
  return trace.getTracer("ostiary").startActiveSpan(name, { kind: SpanKind.SERVER, attributes }, (span) =>
    work((status) => {
      span.setAttribute("http.response.status_code", status);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    }),
  );
}
