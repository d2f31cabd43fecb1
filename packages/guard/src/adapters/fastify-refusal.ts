import type { FastifyReply } from "fastify";
import { errorBody } from "../challenge.ts";
import type { GuardError } from "../guard-error.ts";

/** Answers a refused request. */
export function refuse(reply: FastifyReply, refusal: GuardError): FastifyReply {
  return reply.code(refusal.status).headers(refusal.headers).send(errorBody(refusal));
}
