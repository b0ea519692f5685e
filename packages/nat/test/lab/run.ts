/* eslint-disable @nx/enforce-module-boundaries -- real nodes need real transports, which only tests may import here */
// Punch between two kinds of NAT, with real nodes in network namespaces: `run.ts <type of a> <type of b> [runs] [loss %]`.
// Prints one line a run, with what b, which dials, saw.
import { createInterface } from 'node:readline'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { buildLab } from '@p2pshare/netlab'
import type { LabHost, NatType } from '@p2pshare/netlab'

type Line = Record<string, unknown>

const [a = 'port-restricted', b = 'port-restricted', runs = '1', loss = '0'] = process.argv.slice(2)
const PEER = fileURLToPath(new URL('./peer.ts', import.meta.url))
/** Peers ask for the class right after they start; TCP follows it. */
const SETTLE_MS = 2_500
const RUN_MS = 20_000

/** A running peer, and everything it said. */
class Peer {
  readonly child: ChildProcess
  readonly lines: Line[] = []
  readonly #waiting = new Set<() => void>()

  constructor(host: LabHost, args: readonly string[]) {
    const node = ['--conditions=@p2pshare/source', '--experimental-transform-types', '--no-warnings', PEER, ...args]
    this.child = host.spawn(process.execPath, node, { stdio: ['pipe', 'pipe', 'inherit'] })
    if (this.child.stdout !== null) {
      createInterface({ input: this.child.stdout }).on('line', (line) => {
        if (process.env['VERBOSE'] !== undefined) {
          process.stderr.write(`${host.name} ${line}\n`)
        }
        this.lines.push(JSON.parse(line) as Line)
        this.#waiting.forEach((look) => look())
      })
    }
  }

  async says(...keys: string[]): Promise<Line> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing of ${keys.join()}`)), RUN_MS)
      const look = (): void => {
        const found = this.lines.find((line) => keys.some((key) => key in line))
        if (found !== undefined) {
          clearTimeout(timer)
          this.#waiting.delete(look)
          resolve(found)
        }
      }
      this.#waiting.add(look)
      look()
    })
  }
}

for (let run = 0; run < Number(runs); run++) {
  await using lab = await buildLab({
    name: 'punch',
    a: a as NatType,
    b: b as NatType,
    lossPercent: Number(loss)
  })
  try {
    const relay = new Peer(lab.hosts.relay, ['relay'])
    const address = (await relay.says('ready'))['ready']
    const [pa, pb] = [lab.hosts.a, lab.hosts.b].map((host) => new Peer(host, ['peer', String(address)]))
    const ready = await Promise.all([pa?.says('ready'), pb?.says('ready')])
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    pb?.child.stdin?.write(`${String(address)}/p2p-circuit/p2p/${String(ready[0]?.['id'])}\n`)
    const met = await pb?.says('relayed', 'undialled')
    const result = await pb?.says('success', 'failed', 'undialled')
    process.stdout.write(`${a} x ${b} ${JSON.stringify({ ...met, ...result })}\n`)
  } catch (error) {
    process.stdout.write(`${a} x ${b} ${String(error)}\n`)
  }
}
