import { protect } from "../../../lib/auth";

export const GET = protect((_, user) => Response.json({ user: user.subject }));

export const POST = protect(async (request, user) => Response.json({ user: user.subject, said: await request.text() }));
