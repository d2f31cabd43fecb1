import type { Settings } from "../../config-schema.ts";
import { error, ok, warning } from "../finding.ts";
import type { Finding } from "../finding.ts";
import { keyPolicyOf, jwksMaxAgeSeconds } from "../../keys/key-policy.ts";

/** What guards take to fetch keys: their cooldown, a fetch that is slow, and some seconds between the replicas' clocks. */
const GUARDS_NEED_SECONDS = 30;

/** Whether a key is known everywhere before it signs. */
export function checkKeySchedule(settings: Settings): Finding[] {
  const { keyPublishAhead, keyRotation, accessTokenTtl, signingAlgorithm } = settings;
  if (signingAlgorithm.startsWith("HS")) {
    const message = `Access tokens are signed with ${signingAlgorithm}: whoever can verify them can make them.`;
    return [
      warning(
        "configuration.algorithm",
        message,
        "remove the token secrets and OSTIARY_SIGNING_ALGORITHM as soon as there is a second service",
      ),
    ];
  }
  const lead = "configuration.key_lead_time";
  const often = "configuration.key_rotation";
  return [
    keyPublishAhead < GUARDS_NEED_SECONDS
      ? error(
          lead,
          `A key signs ${keyPublishAhead} s after it is published: guards that keep keys for longer refuse its tokens.`,
          "raise OSTIARY_KEY_PUBLISH_AHEAD to 10m",
        )
      : ok(
          lead,
          `A key is published for ${keyPublishAhead} s before it signs; guards may keep keys for ` +
          `${jwksMaxAgeSeconds(keyPolicyOf(settings))} s.`,
        ),
    keyRotation < accessTokenTtl
      ? warning(
          often,
          `Keys rotate every ${keyRotation} s, and tokens live for ${accessTokenTtl} s: many keys are published at a time.`,
          "raise OSTIARY_KEY_ROTATION",
        )
      : ok(often, `A key signs for ${describeSeconds(keyRotation)}.`),
  ];
}

function describeSeconds(seconds: number): string {
  return seconds >= 2 * 86_400 ? `${Math.round(seconds / 86_400)} days` : `${seconds} s`;
}
