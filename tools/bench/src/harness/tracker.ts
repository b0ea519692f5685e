import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { bencode } from './bencode.ts'

const INTERVAL_S = 2
const POLL_MS = 10

interface Announcement {
  readonly port: number
  readonly isSeeder: boolean
}

/** A BitTorrent tracker for programs that meet by nothing else. One torrent at a time, loopback only. */
export class Tracker {
  readonly #server: Server
  /** By peer id. */
  readonly #peers = new Map<string, Announcement>()

  static async start(): Promise<Tracker> {
    const tracker = new Tracker()
    await new Promise<void>((resolve) => tracker.#server.listen(0, '127.0.0.1', resolve))
    return tracker
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      response.end(this.#answer(request.url ?? ''))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/announce`
  }

  /** Before the next run: those of the last one are gone. */
  forget(): void {
    this.#peers.clear()
  }

  /** Resolves when this many have announced themselves with the whole file. */
  async seeders(count: number, timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs
    while ([...this.#peers.values()].filter(({ isSeeder }) => isSeeder).length < count) {
      if (performance.now() > until) {
        throw new Error(`the tracker did not hear of ${count} seeders within ${timeoutMs} ms`)
      }
      await sleep(POLL_MS)
    }
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #answer(url: string): Buffer {
    // peer ids are bytes in percent encoding, which URLSearchParams would mix up
    const query = new Map(
      url
        .slice(url.indexOf('?') + 1)
        .split('&')
        .map((pair) => pair.split('=') as [string, string])
    )
    const id = query.get('peer_id') ?? ''
    if (query.get('event') === 'stopped') {
      this.#peers.delete(id)
    } else {
      this.#peers.set(id, { port: Number(query.get('port')), isSeeder: query.get('left') === '0' })
    }
    const peers = [...this.#peers].filter(([other]) => other !== id).map(([, { port }]) => compact(port))
    return bencode({ interval: INTERVAL_S, 'min interval': INTERVAL_S, peers: Buffer.concat(peers) })
  }
}

function compact(port: number): Buffer {
  return Buffer.from([127, 0, 0, 1, port >> 8, port & 0xff])
}
