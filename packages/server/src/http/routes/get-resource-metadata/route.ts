import { DPOP_ALGORITHMS } from "@ostiary/guard/embedded";
import { z } from "zod";
import type { Settings } from "../../../config-schema.ts";
import { OstiaryError } from "../../../errors.ts";
import { userinfoAudience } from "../../../tokens/access-token.ts";
import { jsonAnswer, refusals } from "../../operation.ts";
import type { Route } from "../../route.ts";

const metadata = z.object({
  resource: z.string(),
  authorization_servers: z.array(z.string()),
  scopes_supported: z.array(z.string()),
  bearer_methods_supported: z.array(z.string()),
  dpop_signing_alg_values_supported: z.array(z.string()),
});

/** Where RFC 9728 §3.1 puts it: between the host and the resource's own path. */
const pathOf = (issuerPath: string): string => `/.well-known/oauth-protected-resource${issuerPath}/oauth/userinfo`;

/** Told in the challenge of who comes without a good token (RFC 9728 §5.1). */
export function resourceMetadataUrl({ issuer, issuerPath }: Pick<Settings, "issuer" | "issuerPath">): string {
  return new URL(pathOf(issuerPath), issuer).href;
}

/** What a client needs to know of userinfo, the one resource of ours that its tokens are for. */
export function resourceMetadataRoute(issuerPath: string): Route {
  return {
    method: "get",
    path: pathOf(issuerPath),
    at: "server",
    cors: "any",
    operation: {
      summary: "Where tokens for userinfo come from (RFC 9728)",
      responses: {
        200: jsonAnswer("The resource, and its authorization server.", metadata),
        ...refusals({ 404: "`not_found`: no client can be signed in to here" }),
      },
    },
    handle(c, { settings, oauth }) {
      if (!oauth.idTokens.supported) {
        throw new OstiaryError("not_found", "Tokens of this server are signed with a secret: OAuth is off.");
      }
      const body: z.output<typeof metadata> = {
        resource: userinfoAudience(settings.issuer),
        authorization_servers: [settings.issuer],
        scopes_supported: ["openid", "profile", "email"],
        bearer_methods_supported: ["header"],
        dpop_signing_alg_values_supported: [...DPOP_ALGORITHMS],
      };
      c.header("Cache-Control", "public, max-age=300");
      return c.json(body);
    },
  };
}
