import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { Mark } from "../shell/mark.tsx";
import { Badge, Loading } from "../parts/states.tsx";
import { endpointsOf, resolved, typeOf } from "./openapi.ts";
import type { Document, Endpoint, Operation, Schema } from "./openapi.ts";

export function Reference({ issuer }: { issuer: string }): ReactNode {
  const [document, setDocument] = useState<Document | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    fetch(`${issuer}/openapi.json`)
      .then(async (response) => setDocument((await response.json()) as Document))
      .catch(() => setProblem("The description of the API cannot be had. Try again."));
  }, [issuer]);
  const groups = document === null ? [] : endpointsOf(document);

  return (
    <div className="shell">
      <header className="top">
        <span className="brand">
          <Mark /> API reference
        </span>
        <span className="quiet">{issuer}</span>
      </header>
      <main>
        <h1>{document?.info.title ?? "Ostiary"}</h1>
        <p className="quiet">
          <Marked text={document?.info.description ?? ""} /> <a href={`${issuer}/openapi.json`}>openapi.json</a>
        </p>
        {problem !== null && <p role="alert">{problem}</p>}
        {document === null && problem === null && <Loading />}
        {document !== null && (
          <div className="reference">
            <nav aria-label="Endpoints" tabIndex={0}>
              {groups.map(([name, endpoints]) => (
                <div key={name}>
                  <strong>{name}</strong>
                  <ul>
                    {endpoints.map(({ id, method, path, operation }) => (
                      <li key={id}>
                        <a href={`${location.pathname}#${id}`}>{operation.summary ?? `${method} ${path}`}</a>
                      </li>
                    ))}
                  </ul>
                </div>
              ))}
            </nav>
            <div className="operations">
              {groups.map(([name, endpoints]) => (
                <section key={name} className="operations">
                  <h2>{name}</h2>
                  {endpoints.map((endpoint) => (
                    <EndpointCard key={endpoint.id} endpoint={endpoint} document={document} issuer={issuer} />
                  ))}
                </section>
              ))}
            </div>
          </div>
        )}
      </main>
    </div>
  );
}

const PROOFS: Readonly<Record<string, string>> = {
  bearer: "access token",
  client: "client id and secret",
  refreshCookie: "refresh cookie and CSRF token",
};

function EndpointCard({
  endpoint: { id, method, path, operation },
  document,
  issuer,
}: {
  endpoint: Endpoint;
  document: Document;
  issuer: string;
}): ReactNode {
  const [bodyType, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const proofs = (operation.security ?? []).flatMap((one) => Object.keys(one)).map((name) => PROOFS[name] ?? name);
  return (
    <article className="card operation" id={id}>
      <h3>
        <Badge tone={method === "GET" ? "good" : method === "DELETE" ? "bad" : "warn"}>{method}</Badge> <code>{path}</code>
      </h3>
      <p>
        {operation.summary}. <Marked text={operation.description ?? ""} />
      </p>
      {proofs.length > 0 && <p className="quiet">Needs {proofs.join(", or ")}.</p>}
      {(operation.parameters ?? []).length > 0 && (
        <>
          <h4>Parameters</h4>
          <ul className="schema">
            {operation.parameters?.map((parameter) => (
              <li key={parameter.in + parameter.name}>
                <code>{parameter.name}</code>{" "}
                <span className="quiet">
                  in {parameter.in}, {typeOf(parameter.schema ?? {})}
                  {parameter.required === true ? ", required" : ""}
                </span>{" "}
                {parameter.description ?? parameter.schema?.description}
              </li>
            ))}
          </ul>
        </>
      )}
      {body?.schema !== undefined && (
        <>
          <h4>Body, {bodyType}</h4>
          <Members schema={body.schema} document={document} />
        </>
      )}
      <h4>Answers</h4>
      <ul className="schema">
        {Object.entries(operation.responses ?? {}).map(([status, { description, content }]) => {
          const schema = Object.values(content ?? {})[0]?.schema;
          return (
            <li key={status}>
              {Number(status) < 400 && schema !== undefined ? (
                <Unfolded
                  summary={
                    <>
                      <code>{status}</code> <Marked text={description ?? ""} />
                    </>
                  }
                >
                  <Members schema={schema} document={document} />
                </Unfolded>
              ) : (
                <>
                  <code>{status}</code> <Marked text={description ?? ""} />
                </>
              )}
            </li>
          );
        })}
      </ul>
      <Unfolded summary="With curl">
        <pre tabIndex={0}>{curl(issuer, method, path, operation, bodyType)}</pre>
      </Unfolded>
    </article>
  );
}

/** Made when it is unfolded: there are many, and few are looked at. */
function Unfolded({ summary, children }: { summary: ReactNode; children: ReactNode }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && children}
    </details>
  );
}

/** Words between backticks are code. */
function Marked({ text }: { text: string }): ReactNode {
  return text.split("`").map((part, i) => (i % 2 === 1 ? <code key={`${i}`}>{part}</code> : part));
}

const MAX_DEPTH = 5;

function Members({ schema, document, depth = 0 }: { schema: Schema; document: Document; depth?: number }): ReactNode {
  const of = resolved(schema, document);
  const items = of.items === undefined ? undefined : resolved(of.items, document);
  const properties = of.properties ?? items?.properties;
  const alternatives = of.oneOf ?? items?.oneOf;
  if (depth > MAX_DEPTH) return null;
  if (properties === undefined && alternatives !== undefined) {
    return alternatives.map((one, i) => <Members key={`${i}`} schema={one} document={document} depth={depth + 1} />);
  }
  if (properties === undefined) return depth === 0 ? <p className="quiet">{typeOf(of)}</p> : null;
  const required = of.required ?? items?.required ?? [];
  return (
    <ul className="schema">
      {Object.entries(properties).map(([name, member]) => {
        const whole = resolved(member, document);
        return (
          <li key={name}>
            <code>{name}</code>{" "}
            <span className="quiet">
              {typeOf(whole)}
              {required.includes(name) ? "" : ", optional"}
            </span>{" "}
            {whole.description}
            <Members schema={whole} document={document} depth={depth + 1} />
          </li>
        );
      })}
    </ul>
  );
}

function curl(issuer: string, method: string, path: string, { security = [] }: Operation, bodyType: string | undefined): string {
  const parts = [`curl ${method === "GET" ? "" : `-X ${method} `}${issuer}${path}`];
  if (security.some((one) => "bearer" in one)) parts.push('-H "Authorization: Bearer $ACCESS"');
  else if (security.some((one) => "client" in one)) parts.push('-u "$CLIENT_ID:$CLIENT_SECRET"');
  if (bodyType === "application/json") parts.push("-H 'Content-Type: application/json'", "-d '{ … }'");
  else if (bodyType !== undefined) parts.push("-d token=$TOKEN");
  return parts.join(" \\\n  ");
}
