import { offeredByMail } from "../../mail-flow.ts";
import { settingsResponse } from "../../mail-fields.ts";
import { jsonAnswer, refusals } from "../../operation.ts";
import type { Route } from "../../route.ts";

export const getSettingsRoute: Route = {
  method: "get",
  path: "/settings",
  operation: {
    summary: "What this server offers to people",
    responses: { 200: jsonAnswer("What apps need to know to offer it.", settingsResponse), ...refusals({}) },
  },
  handle(c, deps) {
    const { passwords, addresses } = offeredByMail(deps);
    const { passwordMinLength, signup } = deps.settings;
    return c.json({
      passwordMinLength,
      passwordReset: passwords,
      signupByMail: signup.concealExisting,
      emailVerification: addresses,
      emailChange: addresses,
    });
  },
};
