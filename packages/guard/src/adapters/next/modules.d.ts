/** What is used of Next. Its own types would bring all of it along, and nothing of them is in ours. */
declare module "next/headers" {
  export function headers(): Promise<{ get(name: string): string | null }>;
  export function cookies(): Promise<{
    get(name: string): { readonly value: string } | undefined;
    set(name: string, value: string, attributes: Readonly<Record<string, unknown>>): void;
  }>;
}

declare module "next/navigation" {
  export function redirect(url: string): never;
  export function forbidden(): never;
}

declare module "next/server" {
  export const NextResponse: { next(init: { readonly request: { readonly headers: Headers } }): Response };
}
