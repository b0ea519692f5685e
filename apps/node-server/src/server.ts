import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { createNode } from '@p2pshare/core'
import type { NodeOptions, P2PShareNode } from '@p2pshare/core'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Config } from './config/schema.ts'
import { stunOtherPort } from './config/defaults.ts'
import { createToken, removeDaemonFile, writeDaemonFile } from './daemon-file.ts'
import { ShutdownTimeoutError } from './errors.ts'
import { createHttpApp } from './http/app.ts'
import type { Health } from './http/app.ts'
import { logShares } from './log-shares.ts'
import { registerMetrics } from './metrics.ts'
import { seedShares } from './seed-shares.ts'

type NatOptions = NonNullable<NodeOptions['nat']>
type TransferOptions = NonNullable<NodeOptions['transfer']>

const DAY_MS = 24 * 60 * 60 * 1000

/** Connections get this long to close; after it the process may as well die. */
export const STOP_TIMEOUT_MS = 10_000

export interface ServerContext {
  readonly version: string
  readonly pid: number
  readonly logger: Logger
  /** Milliseconds; does not go back. */
  readonly now: () => number
}

/** A started server. */
export interface RunningServer {
  readonly node: P2PShareNode
  /** Base of the HTTP API, with the port that was taken. */
  readonly url: string
  /** Idempotent. Rejects with `ShutdownTimeoutError` after `STOP_TIMEOUT_MS`. */
  stop(): Promise<void>
}

/**
 * Start the node, the HTTP server and `daemon.json`, then seed `config.shares` in the background. What was started is
 * stopped again when a later step fails.
 */
export async function startServer(config: Config, context: ServerContext): Promise<RunningServer> {
  const { logger, pid, now } = context
  const startedAt = now()
  const registry = new Registry()
  const shutdown = new AbortController()
  let node: P2PShareNode | undefined
  registerMetrics(registry, context.version, () => node)
  const health = (): Health | undefined =>
    node === undefined
      ? undefined
      : {
          version: context.version,
          peerId: node.peerId.toString(),
          uptimeS: Math.floor((now() - startedAt) / 1000),
          addresses: node.addresses(),
          peers: node.libp2p.getPeers().length,
          shares: node.shares().length
        }
  const token = createToken()
  const metrics = async (): Promise<{ contentType: string; text: string }> => ({
    contentType: registry.contentType,
    text: await registry.metrics()
  })
  const app = createHttpApp({ health, metrics, node: () => node }, { ...config.http, token })
  const stopAll = async (): Promise<void> => {
    shutdown.abort()
    const running = node
    node = undefined
    await Promise.allSettled([app.close(), running?.stop(), removeDaemonFile(config.home, pid)])
  }
  try {
    node = await createNode({
      home: config.home,
      listen: [...config.listen],
      announce: [...config.announce],
      bootstrap: [...config.bootstrap],
      ...(config.networkKey === undefined ? {} : { privateNetwork: { keyFile: config.networkKey } }),
      dialGate: { allowNetworks: config.allowNetworks },
      mdns: config.mdns,
      nat: toNatOptions(config, logger),
      transfer: toTransferOptions(config.scrub),
      gossip: { roles: rolesOf(config) },
      ...config.limits,
      metrics: prometheusMetrics({ registry, preserveExistingMetrics: true })
    })
    logShares(node, logger)
    await app.listen({ host: config.http.host, port: config.http.port })
    const url = toUrl(config.http.host, app.server.address())
    await writeDaemonFile(config.home, { url, token, pid })
    void seedShares(node, config.shares, logger, shutdown.signal)
    return { node, url, stop: once(async () => withTimeout(stopAll(), STOP_TIMEOUT_MS)) }
  } catch (error) {
    await stopAll()
    throw error
  }
}

/** What members of the network are told that this node does for them. */
function rolesOf({ relay, shares }: Config): string[] {
  return ['bootstrap', ...(relay.enabled ? ['relay'] : []), ...(shares.length > 0 ? ['seed'] : [])]
}

function toNatOptions(config: Config, logger: Logger): NatOptions {
  const { enabled, maxReservations, maxBytes, maxDurationMs } = config.relay
  return {
    relayServer: enabled,
    stun: {
      otherPort: stunOtherPort(config),
      onPortTaken: (taken, used) => {
        const text = `UDP port ${taken} is taken: STUN is answered at port ${used} beside the first, which a firewall has to let in`
        logger.warn({ event: 'stun.port-taken', taken, used }, text)
      }
    },
    ...(maxReservations === undefined ? {} : { relayMaxReservations: maxReservations }),
    ...(maxBytes === undefined ? {} : { relayMaxBytes: maxBytes }),
    ...(maxDurationMs === undefined ? {} : { relayMaxDurationMs: maxDurationMs })
  }
}

function toTransferOptions({ everyDays, bytesPerSecond }: Config['scrub']): TransferOptions {
  return {
    ...(everyDays === undefined ? {} : { scrubEveryMs: everyDays === 0 ? Infinity : everyDays * DAY_MS }),
    ...(bytesPerSecond === undefined ? {} : { scrubBytesPerSecond: bytesPerSecond })
  }
}

function toUrl(host: string, address: { port: number } | string | null): string {
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return async () => (running ??= run())
}

async function withTimeout(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ShutdownTimeoutError(ms)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
