import type { Metrics } from "../monitoring/metrics.ts";
import { inRequestSpan, isTraced } from "../monitoring/tracing.ts";
import { statusOf } from "./errors.ts";
import type { HttpContext } from "./http-context.ts";
import type { Handle } from "./route-table.ts";

/** A span for each request, named by its route, and a count of it. A handler that throws is told by what is answered. */
export function observed(method: string, route: string, metrics: Metrics | null, handle: Handle): Handle {
  const attributes = { "http.request.method": method, "http.route": route };

  function answer(c: HttpContext, endSpan?: (status: number) => void): Response | Promise<Response> {
    const began = performance.now();
    const end = (status: number): void => {
      endSpan?.(status);
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
  }

  return (c) => (isTraced() ? inRequestSpan(`${method} ${route}`, attributes, (endSpan) => answer(c, endSpan)) : answer(c));
}
