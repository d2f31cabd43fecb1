/** The parts of Next that the adapter works with. */
export interface NextFunctions {
  headers(): Promise<{ get(name: string): string | null }>;
  cookies(): Promise<CookieJar>;
  /** Never returns. */
  redirect(url: string): Promise<never>;
  /** Never returns. */
  forbidden(): Promise<never>;
  /** Lets a request pass, with these headers. */
  goOn(headers: Headers): Promise<Response>;
}

export interface CookieJar {
  get(name: string): { readonly value: string } | undefined;
  set(name: string, value: string, attributes: Readonly<Record<string, unknown>>): void;
}

/** Loaded where they are used: each part of a Next app may use some of them only. */
export const nextFunctions: NextFunctions = {
  headers: async () => (await import("next/headers")).headers(),
  cookies: async () => (await import("next/headers")).cookies(),
  redirect: async (url) => (await import("next/navigation")).redirect(url),
  forbidden: async () => (await import("next/navigation")).forbidden(),
  goOn: async (headers) => (await import("next/server")).NextResponse.next({ request: { headers } }),
};
