import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Metrics } from "../monitoring/metrics.ts";
import { statusOf } from "./errors.ts";
import type { Handle } from "./route-table.ts";

/** Without an SDK in the process it does nothing. */
const tracer = trace.getTracer("ostiary");

/** A span for each request, named by its route, and a count of it. A handler that throws is told by what is answered. */
export function observed(method: string, route: string, metrics: Metrics | null, handle: Handle): Handle {
  const attributes = { "http.request.method": method, "http.route": route };
  return (c) =>
    tracer.startActiveSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, (span) => {
      const began = performance.now();
      const end = (status: number): void => {
        span.setAttribute("http.response.status_code", status);
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
        metrics?.request({ method, route, status, seconds: (performance.now() - began) / 1000 });
      };
      const answered = (response: Response): Response => {
        end(response.status);
        return response;
      };
      const failed = (error: unknown): never => {
        end(statusOf(error));
        throw error;
      };
      try {
        const response = handle(c);
        return response instanceof Promise ? response.then(answered, failed) : answered(response);
      } catch (error) {
        return failed(error);
      }
    });
}
