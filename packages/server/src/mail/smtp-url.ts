/** This machine itself: there is nobody on the way. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (RFC 8314 §3.3); else by STARTTLS, without which nothing is said but to this machine itself. */
  readonly secure: boolean;
  readonly requireTLS: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
}

/** The server of an SMTP URL for people to read, without who signs in there; null for what is none. */
export function shownSmtpUrl(url: string): string | null {
  const server = readSmtpUrl(url);
  if (server === null) return null;
  const host = server.host.includes(":") ? `[${server.host}]` : server.host;
  return `${server.secure ? "smtps" : "smtp"}://${host}:${server.port}`;
}

/** Null for what is no SMTP URL. Nothing but a server and who signs in can be said in it: no option turns TLS off. */
export function readSmtpUrl(text: string): SmtpServer | null {
  const url = URL.parse(text);
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === "" || /[?#\s]/.test(text)) return null;
  if (url.pathname !== "" && url.pathname !== "/") return null;
  const secure = url.protocol === "smtps:";
  const server = {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !LOOPBACK.test(url.hostname),
  };
  if (url.username === "") return server;
  try {
    return { ...server, auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } };
  } catch {
    return null;
  }
}
