// Runs on a host: node probe-main.ts RELAY_ADDRESS OTHER_RELAY_ADDRESS. Prints ProbeFindings as JSON.
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { ECHO_PORTS } from './probe/protocol.ts'
import type { Answer, Question } from './probe/protocol.ts'
import type { ProbeFindings, Seen } from './probe/verdict.ts'

const [relay = '', otherRelay = ''] = process.argv.slice(2)
/** A question is asked again this often before silence is the answer; a lab loses packets on purpose. */
const TRIES = 4
const ASK_AGAIN_MS = 350
/** More than the echo server's patience with TCP and a round trip. */
const ASK_AGAIN_SLOW_MS = 1_000

interface Asker {
  readonly socket: Socket
  readonly heard: Answer[]
}

async function open(): Promise<Asker> {
  const socket = createSocket(relay.includes(':') ? 'udp6' : 'udp4')
  const heard: Answer[] = []
  socket.on('message', (data) => heard.push(JSON.parse(data.toString()) as Answer))
  const { promise, resolve } = Promise.withResolvers<undefined>()
  socket.bind(0, () => resolve(undefined))
  await promise
  return { socket, heard }
}

/** Answers since the question was first asked, when the last of them is there or hope is not. */
async function ask({ socket, heard }: Asker, question: Question, port: number, address: string): Promise<Answer[]> {
  const before = heard.length
  const waitMs = question === 'tcp' ? ASK_AGAIN_SLOW_MS : ASK_AGAIN_MS
  for (let tries = 0; tries < TRIES; tries++) {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const onMessage = () => {
      if (heard.slice(before).some(({ from, question: what }) => from === 'here' && what === question)) {
        resolve(undefined)
      }
    }
    socket.on('message', onMessage)
    const timer = setTimeout(() => resolve(undefined), waitMs)
    socket.send(question, port, address)
    await promise
    clearTimeout(timer)
    socket.off('message', onMessage)
    const answers = heard.slice(before).filter((answer) => answer.question === question)
    if (answers.some(({ from }) => from === 'here')) {
      return answers
    }
  }
  return []
}

async function where(asker: Asker, port: number, address: string): Promise<Seen | null> {
  const [answer] = await ask(asker, 'map', port, address)
  return answer === undefined ? null : { address: answer.address, port: answer.port }
}

/** The address this host would send from. */
async function localAddress(port: number): Promise<Seen> {
  const { socket } = await open()
  const { promise, resolve } = Promise.withResolvers<Seen>()
  socket.connect(ECHO_PORTS[0], relay, () => resolve({ address: socket.address().address, port }))
  const local = await promise
  socket.close()
  return local
}

const main = await open()
const local = await localAddress(main.socket.address().port)
const first = await where(main, ECHO_PORTS[0], relay)
// before anything is sent to where those answers come from: that would let them in. Two rounds, as one may get lost
const filter = first === null ? [] : [...(await filterRound()), ...(await filterRound())]
const fresh = await Promise.all([open(), open()])

async function filterRound(): Promise<Answer[]> {
  return await ask(main, 'filter', ECHO_PORTS[0], relay)
}

const findings: ProbeFindings = {
  local,
  fromOtherPort: filter.some(({ from }) => from === 'other-port'),
  fromOtherAddress: filter.some(({ from }) => from === 'other-address'),
  seen: [
    first,
    first && (await where(main, ECHO_PORTS[1], relay)),
    first && (await where(main, ECHO_PORTS[0], otherRelay))
  ],
  fresh: await Promise.all(
    fresh.map(async (asker) => ({
      local: asker.socket.address().port,
      outside: (first && (await where(asker, ECHO_PORTS[0], relay))?.port) ?? null
    }))
  ),
  unsolicitedTcp: (first && (await ask(main, 'tcp', ECHO_PORTS[0], relay))[0]?.tcp) ?? null
}
process.stdout.write(`${JSON.stringify(findings)}\n`)
for (const { socket } of [main, ...fresh]) {
  socket.close()
}
