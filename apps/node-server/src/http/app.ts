import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { isAllowedHost } from './host-check.ts'
import type { HostPolicy } from './host-check.ts'

/** What the pages of this server are made of. */
export interface HttpSources {
  /** `undefined` until the node is started and once it stops. */
  health(): Health | undefined
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
 * Bounds on what an HTTP client can cost; docs/LIMITS.md lists them. The two pages are small and read by programs on
 * this machine, so all of them are tight.
 */
export const HTTP_LIMITS = Object.freeze({
  maxConnections: 64,
  maxHeaderBytes: 8 * 1024,
  maxBodyBytes: 1024,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5_000
})

/** The HTTP side of the server: `/healthz` and `/metrics`, each refused to callers that do not know its name. */
export function createHttpApp(sources: HttpSources, policy: HostPolicy): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: HTTP_LIMITS.maxBodyBytes,
    requestTimeout: HTTP_LIMITS.requestTimeoutMs,
    keepAliveTimeout: HTTP_LIMITS.keepAliveTimeoutMs,
    forceCloseConnections: true,
    http: { headersTimeout: HTTP_LIMITS.headersTimeoutMs, maxHeaderSize: HTTP_LIMITS.maxHeaderBytes }
  })
  app.server.maxConnections = HTTP_LIMITS.maxConnections

  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store')
    if (!isAllowedHost(request.headers.host, policy)) {
      await reply
        .code(403)
        .type('application/problem+json')
        .send(problem(403, 'ERR_HOST_NOT_ALLOWED', 'this name is not in http.allowedHosts'))
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

  app.setNotFoundHandler(async (_request, reply) =>
    reply
      .code(404)
      .type('application/problem+json')
      .send(problem(404, 'ERR_NOT_FOUND', 'there are /healthz and /metrics'))
  )
  return app
}

/** RFC 9457. */
function problem(status: number, code: string, detail: string): Record<string, unknown> {
  return { type: 'about:blank', status, code, detail }
}
