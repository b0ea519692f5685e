import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { isAllowedHost } from './host-check.ts'
import type { HostPolicy } from './host-check.ts'
import { patchLimits, toLimitsDocument } from './limits.ts'
import type { LimitedNode } from './limits.ts'
import { sendProblem } from './problem.ts'
import { hasToken } from './token-check.ts'

/** What the pages of this server are made of. */
export interface HttpSources {
  /** `undefined` until the node is started and once it stops. */
  health(): Health | undefined
  /** As long as there is `health`. */
  node(): LimitedNode | undefined
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>
}

export interface Health {
  readonly version: string
  readonly peerId: string
  readonly uptimeS: number
  readonly addresses: readonly string[]
  /** Connected peers. */
  readonly peers: number
  /** Complete and partial shares that this node serves. */
  readonly shares: number
}

/**
 * Bounds on what an HTTP client can cost; docs/LIMITS.md lists them. The pages are small and used by programs on this
 * machine, so all of them are tight.
 */
export const HTTP_LIMITS = Object.freeze({
  maxConnections: 64,
  maxHeaderBytes: 8 * 1024,
  maxBodyBytes: 32 * 1024,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5_000
})

/** Who may use this server, and by which names. */
export interface HttpPolicy extends HostPolicy {
  /** What `/api/` asks for, as a bearer token. */
  readonly token: string
}

/**
 * The HTTP side of the server: `/healthz` and `/metrics`, and `/api/v1` for those who have the token. All of it is
 * refused to callers that do not know this server's name.
 */
export function createHttpApp(sources: HttpSources, policy: HttpPolicy): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: HTTP_LIMITS.maxBodyBytes,
    requestTimeout: HTTP_LIMITS.requestTimeoutMs,
    keepAliveTimeout: HTTP_LIMITS.keepAliveTimeoutMs,
    forceCloseConnections: true,
    http: { headersTimeout: HTTP_LIMITS.headersTimeoutMs, maxHeaderSize: HTTP_LIMITS.maxHeaderBytes }
  })
  app.server.maxConnections = HTTP_LIMITS.maxConnections
  // a form of a web page can send text/plain, and nothing that is left
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser(
    'application/merge-patch+json',
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error')
  )

  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store')
    if (!isAllowedHost(request.headers.host, policy)) {
      await sendProblem(reply, 403, 'ERR_HOST_NOT_ALLOWED', 'this name is not in http.allowedHosts')
    } else if (request.url.startsWith('/api/') && !hasToken(request.headers.authorization, policy.token)) {
      void reply.header('www-authenticate', 'Bearer')
      await sendProblem(reply, 401, 'ERR_UNAUTHORIZED', 'send Authorization: Bearer with the token of daemon.json')
    }
  })

  app.get('/healthz', async (_request, reply) => {
    const health = sources.health()
    return health === undefined
      ? reply.code(503).send({ status: 'starting' })
      : reply.code(200).send({ status: 'ok', ...health })
  })

  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await sources.metrics()
    return reply.type(contentType).send(text)
  })

  app.route({
    method: ['GET', 'PATCH'],
    url: '/api/v1/limits',
    handler: async (request, reply) => {
      const node = sources.node()
      if (node === undefined) {
        return sendProblem(reply, 503, 'ERR_NOT_STARTED', 'the node is starting or stopping')
      }
      if (request.method === 'PATCH') {
        patchLimits(node, request.body)
      }
      return reply.send(toLimitsDocument(node.limits()))
    }
  })

  app.setErrorHandler(async (error: { code?: string; statusCode?: number; message: string }, _request, reply) => {
    const { code = 'ERR_INTERNAL', message } = error
    const status = error.statusCode ?? (code === 'ERR_REQUEST' || code === 'ERR_INVALID_OPTION' ? 400 : 500)
    // what went wrong inside is nobody's business out there
    await (status < 500 ? sendProblem(reply, status, code, message) : sendProblem(reply, 500, 'ERR_INTERNAL', ''))
  })

  app.setNotFoundHandler(async (_request, reply) =>
    sendProblem(reply, 404, 'ERR_NOT_FOUND', 'there are /healthz, /metrics and /api/v1/limits')
  )
  return app
}
