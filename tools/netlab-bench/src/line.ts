import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { buildLab, downOnAbort } from '@p2pshare/netlab'
import type { LabHost } from '@p2pshare/netlab'
import { RunError } from './errors.ts'
import type { Findings, RunOptions } from './runs.ts'

const PEER = fileURLToPath(new URL('./line-peer.ts', import.meta.url))
const PORT = '4002'
const READY_MS = 10_000
const TAKEN_MS = 120_000

/**
 * What the lab's own network carries: one TCP connection of the kernel's, over the same links, through one NAT. Neither end
 * encrypts or looks at anything, so nothing in JavaScript can be faster.
 */
export async function lineRun({ bytes, lossPercent = 0, signal }: RunOptions): Promise<Findings> {
  const each = (1 - Math.sqrt(1 - lossPercent / 100)) * 100
  await using lab = await buildLab(
    { name: `bench-line-${process.pid}`, a: 'public', b: 'port-restricted', lossPercent: each },
    { signal }
  )
  using _ = downOnAbort(signal, lab)
  const { a, b } = lab.hosts
  const [host = ''] = a.addresses
  await says(a, ['serve', host, PORT, String(bytes)], 'ready', READY_MS)
  const taken = await says(b, ['take', host, PORT], 'taken', TAKEN_MS)
  const seconds = Number(taken['ms']) / 1000
  return {
    lossPercent,
    receivedShare: Number(taken['bytes']) / bytes,
    seconds: Math.round(seconds * 100) / 100,
    mbitPerSecond: Math.round((bytes * 8) / seconds / 1e6)
  }
}

/** Start a program of the lab, which ends with it, and wait for what it says. */
async function says(
  host: LabHost,
  args: readonly string[],
  type: string,
  withinMs: number
): Promise<Record<string, unknown>> {
  const child = host.spawn(process.execPath, ['--no-warnings', PEER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>()
  const timer = setTimeout(() => reject(new RunError(`${host.name} did not say ${type} in ${withinMs} ms`)), withinMs)
  child.once('close', () => reject(new RunError(`${host.name} ended without ${type}`)))
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Record<string, unknown>
      if (line['type'] === type) {
        resolve(line)
      }
    })
  }
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}
