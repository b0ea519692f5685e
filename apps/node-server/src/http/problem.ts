import type { FastifyReply } from 'fastify'

/** Answer with a problem document (RFC 9457). */
export async function sendProblem(reply: FastifyReply, status: number, code: string, detail: string): Promise<void> {
  await reply.code(status).type('application/problem+json').send({ type: 'about:blank', status, code, detail })
}
