import { connect } from 'node:net'
import { SwitchError } from '../errors.ts'

/** What one port of the switch has seen, in packets. `in` came from its host, `out` went to it. */
export interface PortCounters {
  readonly in: number
  readonly out: number
  /** Taken by `lossPercent` of this link or of the one they were going to. */
  readonly lost: number
  /** Did not fit into the buffer of a link with a rate. */
  readonly overflowed: number
  /** Bigger than the MTU. */
  readonly oversized: number
  /** Came with a source address that is not this link's. */
  readonly spoofed: number
  /** Were for an address that nobody has. */
  readonly unrouted: number
}

/** It answers from one loop; a silence this long means that it is gone. */
const ANSWER_MS = 5_000

/** Send the switch one line and return its answer. */
export async function askSwitch(path: string, line: string, signal?: AbortSignal): Promise<string> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(path)
  let answer = ''
  socket.setEncoding('utf8')
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new SwitchError('the switch does not answer')))
  socket.on('connect', () => socket.write(`${line}\n`))
  socket.on('data', (text: string) => (answer += text))
  socket.on('error', (cause) =>
    reject(new SwitchError(`the switch cannot be asked: ${cause.message}`, undefined, { cause }))
  )
  socket.on('close', () => resolve(answer.trim()))
  const onAbort = () => socket.destroy()
  signal?.addEventListener('abort', onAbort)
  try {
    const text = await promise
    signal?.throwIfAborted()
    return text
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

/** @throws SwitchError when the switch refuses the line */
export async function tellSwitch(path: string, line: string, signal?: AbortSignal): Promise<void> {
  const answer = await askSwitch(path, line, signal)
  if (answer !== 'ok') {
    throw new SwitchError(`the switch refused ${JSON.stringify(line)}: ${answer}`)
  }
}

/** Read the answer to `stats`: counters by port name. */
export function parseStats(text: string): Map<string, PortCounters> {
  return new Map(
    text.split('\n').map((line) => {
      const [port = '', ...pairs] = line.split(' ')
      const counts = new Map(pairs.map((pair) => pair.split('=') as [string, string]))
      const of = (key: string) => Number(counts.get(key) ?? 0)
      return [
        port,
        {
          in: of('in'),
          out: of('out'),
          lost: of('lost'),
          overflowed: of('overflowed'),
          oversized: of('oversized'),
          spoofed: of('spoofed'),
          unrouted: of('unrouted')
        }
      ]
    })
  )
}
