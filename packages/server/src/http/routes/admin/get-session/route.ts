import { adminRoute, noSuch } from "../../../administer.ts";
import { iso, lineageResponse, toAdminSession, toAdminUser } from "../../../admin-fields.ts";
import { idOf } from "../../../id-of.ts";
import { idInPath, jsonAnswer, refusals } from "../../../operation.ts";

export const getSessionRoute = adminRoute({
  method: "get",
  path: "/admin/sessions/{id}",
  operation: {
    summary: "The life of one session",
    description: "Login, rotations, repeats, theft with both devices, the end and who ended it: as the audit has them.",
    requestParams: idInPath,
    responses: {
      200: jsonAnswer("The session and its steps, oldest first.", lineageResponse),
      ...refusals({ 404: "`not_found`" }),
    },
  },
  async handle(c, { users, sessions }) {
    const lineage = await sessions.lineage(idOf(c));
    if (lineage === null) throw noSuch("session");
    const { userId, session, steps, omitted } = lineage;
    const user = userId === null ? null : await users.find(userId);
    return c.json({
      session: session && toAdminSession(session),
      user: user && toAdminUser(user),
      steps: steps.map((step) => ({ ...step, at: iso(step.at), ...("until" in step ? { until: iso(step.until) } : {}) })),
      omitted,
    });
  },
});
