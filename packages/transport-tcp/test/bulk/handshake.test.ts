import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { multiaddr } from '@multiformats/multiaddr'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { afterEach, describe, expect, it } from 'vitest'
import { BULK_ALPN, MAX_INVITATION_LIFETIME_MS } from '../../src/bulk/constants.ts'
import { BulkService } from '../../src/bulk/bulk-channels.ts'
import { generateCertificate, toPem } from '../../src/tls/generate.ts'
import { bulkPeer, channelBetween, cleanUpServices, Collector } from '../support/bulk.ts'
import type { Peer } from '../support/bulk.ts'
import { bentCertificate, DAY_MS } from '../support/certificates.ts'
import type { Bent } from '../support/certificates.ts'
import { cleanUpSockets, closedPort, logger, open, serve } from '../support/sockets.ts'
import { keyOf } from '../support/tls-pair.ts'

checkLeaks()
cleanUpServices()
cleanUpSockets()

interface HandOptions {
  readonly as?: string
  readonly alpn?: string[]
  readonly bent?: Bent
  readonly anonymous?: boolean
}

const sockets: TLSSocket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) {
    socket.destroy()
  }
})

/** A dialler by hand, once its side of TLS is done or the other has ended it. */
async function byHand(
  to: Peer,
  { as = 'dialler', alpn = [BULK_ALPN], bent, anonymous }: HandOptions = {}
): Promise<TLSSocket> {
  const key = await keyOf(as)
  const good = await generateCertificate(key, { now: Date.now() })
  const made = bent === undefined ? undefined : await bentCertificate(key, bent)
  const socket = connectTls({
    host: '127.0.0.1',
    port: to.port,
    rejectUnauthorized: false,
    ALPNProtocols: alpn,
    ...(anonymous === true
      ? {}
      : made === undefined
        ? { cert: toPem(good.certificate), key: good.privateKey }
        : { cert: toPem(made.certificate), key: made.privateKey.export({ format: 'pem', type: 'pkcs8' }) })
  })
  sockets.push(socket)
  socket.on('error', () => {})
  await new Promise((resolve) => {
    socket.once('secureConnect', resolve)
    socket.once('close', resolve)
  })
  return socket
}

async function closed(socket: TLSSocket): Promise<void> {
  socket.resume()
  if (!socket.closed) {
    await new Promise((resolve) => socket.once('close', resolve))
  }
}

const sink = new Collector()
const failure = (reason: string): object => ({ name: 'BulkChannelError', code: 'ERR_BULK_CHANNEL', reason })

describe('the accepting side', () => {
  it('takes a token and says so with one byte', async () => {
    const to = await bulkPeer('acceptor')
    const invitation = to.service.invite((await bulkPeer('dialler')).id, { sink })
    const socket = await byHand(to)
    socket.write(invitation.token)
    expect([...((await once(socket, 'data')) as [Buffer])[0]]).toEqual([1])
    await invitation.channel
  })

  it('takes a token that arrives a byte at a time', async () => {
    const to = await bulkPeer('acceptor')
    const invitation = to.service.invite((await bulkPeer('dialler')).id, { sink })
    const socket = await byHand(to)
    for (const byte of invitation.token) {
      await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve))
    }
    await once(socket, 'data')
    await invitation.channel
  })

  it('cuts off a token that is unknown, and leaves the invitation open', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const invitation = to.service.invite(from.id, { sink })
    const guess = from.service.open(to.address, to.id, new Uint8Array(32), { sink })
    await expect(guess).rejects.toMatchObject(failure('refused'))
    await from.service.open(to.address, to.id, invitation.token, { sink })
    await invitation.channel
  })

  it('cuts off a token that was used before', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const invitation = to.service.invite(from.id, { sink })
    // another stands open, so that the peer is welcome
    to.service.invite(from.id, { sink })
    await from.service.open(to.address, to.id, invitation.token, { sink })
    const again = from.service.open(to.address, to.id, invitation.token, { sink })
    await expect(again).rejects.toMatchObject(failure('refused'))
  })

  it('cuts off a token that comes too late', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const invitation = to.service.invite(from.id, { sink, lifetimeMs: 1 })
    await expect(invitation.channel).rejects.toMatchObject(failure('not-taken'))
    const late = from.service.open(to.address, to.id, invitation.token, { sink })
    await expect(late).rejects.toMatchObject({ name: 'BulkChannelError' })
  })

  it('cuts off a token of another peer, before it is even shown', async () => {
    const [thief, victim, to] = [await bulkPeer('thief'), await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const invitation = to.service.invite(victim.id, { sink })
    const outcome = to.nextAccepted()
    const theft = thief.service.open(to.address, to.id, invitation.token, { sink })
    await expect(theft).rejects.toMatchObject({ name: 'BulkChannelError' })
    expect(await outcome).toMatchObject({ name: 'BulkChannelError', message: 'the dialler was not invited' })
    await victim.service.open(to.address, to.id, invitation.token, { sink })
    await invitation.channel
  })

  it('cuts off what follows the token before the answer', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const invitation = to.service.invite(from.id, { sink })
    const outcome = to.nextAccepted()
    const socket = await byHand(to)
    socket.write(Buffer.concat([invitation.token, Uint8Array.of(0)]))
    expect(await outcome).toMatchObject({ message: 'something follows the token' })
    await closed(socket)
  })

  it('cuts off a dialler that ends, or is reset, before its token', async () => {
    for (const leave of [
      (socket: TLSSocket) => socket.end(new Uint8Array(31)),
      (socket: TLSSocket) => socket.destroy()
    ]) {
      const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
      to.service.invite(from.id, { sink })
      const outcome = to.nextAccepted()
      leave(await byHand(to))
      expect(await outcome).toBeInstanceOf(Error)
    }
  })

  it('cuts off a dialler that says nothing, during TLS and after it', async () => {
    const to = await bulkPeer('acceptor', { handshakeTimeoutMs: 200 })
    to.service.invite((await bulkPeer('dialler')).id, { sink })
    const [silent, half] = [to.nextAccepted(), byHand(to)]
    expect(await silent).toMatchObject({ name: 'DeadlineError' })
    await closed(await half)
    const outcome = to.nextAccepted()
    await open(to.port)
    expect(await outcome).toMatchObject({ name: 'DeadlineError', message: 'the TLS handshake took longer than 200 ms' })
  })

  it('cuts off other protocols, no protocol, no certificate, expired and false certificates', async () => {
    const to = await bulkPeer('acceptor')
    to.service.invite((await bulkPeer('dialler')).id, { sink })
    const cases: ReadonlyArray<[HandOptions, string]> = [
      [{ alpn: ['libp2p', 'h2'] }, 'TlsHandshakeError'],
      [{ alpn: [] }, 'BulkChannelError'],
      [{ anonymous: true }, 'TlsHandshakeError'],
      [{ bent: { notBefore: Date.now() - 2 * DAY_MS, notAfter: Date.now() - DAY_MS } }, 'InvalidCertificateError'],
      [{ bent: { proof: new Uint8Array(64) } }, 'InvalidCertificateError'],
      [{ bent: { withoutExtension: true } }, 'InvalidCertificateError']
    ]
    for (const [options, name] of cases) {
      const outcome = to.nextAccepted()
      const socket = await byHand(to, options)
      expect(await outcome).toMatchObject({ name })
      await closed(socket)
    }
  })

  it('cuts off what is no TLS', async () => {
    const to = await bulkPeer('acceptor')
    const outcome = to.nextAccepted()
    const socket = await open(to.port)
    socket.write(Buffer.concat([Uint8Array.of(0x16), Buffer.from('not a record of TLS at all')]))
    expect(await outcome).toMatchObject({ name: 'TlsHandshakeError' })
  })

  it('ends what is under way when the listener closes', async () => {
    const to = await bulkPeer('acceptor')
    const controller = new AbortController()
    const ended = Promise.withResolvers<unknown>()
    const { port } = await serve((socket) => {
      to.service.accept(socket, { signal: controller.signal }).catch(ended.resolve)
      setImmediate(() => {
        controller.abort(new TypeError('closing'))
      })
    })
    await open(port)
    expect(await ended.promise).toMatchObject({ message: 'closing' })
  })
})

describe('the dialling side', () => {
  it('shows the token to nobody but the peer it is for', async () => {
    const [from, wrong, right] = [await bulkPeer('dialler'), await bulkPeer('wrong'), await bulkPeer('right')]
    const invitation = right.service.invite(from.id, { sink })
    wrong.service.invite(from.id, { sink })
    const outcome = wrong.nextAccepted()
    const opening = from.service.open(wrong.address, right.id, invitation.token, { sink })
    await expect(opening).rejects.toMatchObject(failure('wrong-peer'))
    expect(await outcome).toBeInstanceOf(Error)
  })

  it('tells of an address where nobody answers, or nobody of ours', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const nobody = multiaddr(`/ip4/127.0.0.1/tcp/${await closedPort()}`)
    await expect(from.service.open(nobody, to.id, new Uint8Array(32), { sink })).rejects.toMatchObject(
      failure('unreachable')
    )
    const web = await serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const address = multiaddr(`/ip4/127.0.0.1/tcp/${web.port}`)
    await expect(from.service.open(address, to.id, new Uint8Array(32), { sink })).rejects.toMatchObject(
      failure('unreachable')
    )
  })

  it('gives up on an address that says nothing', async () => {
    const [from, to] = [await bulkPeer('dialler', { handshakeTimeoutMs: 30 }), await bulkPeer('acceptor')]
    const { port } = await serve()
    const opening = from.service.open(multiaddr(`/ip4/127.0.0.1/tcp/${port}`), to.id, new Uint8Array(32), { sink })
    await expect(opening).rejects.toMatchObject({ ...failure('unreachable'), cause: { name: 'DeadlineError' } })
  })

  it('gives up with the reason of its signal, before and during', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const before = AbortSignal.abort(new TypeError('before'))
    await expect(from.service.open(to.address, to.id, new Uint8Array(32), { sink, signal: before })).rejects.toThrow(
      'before'
    )
    const { port } = await serve()
    const controller = new AbortController()
    const opening = from.service.open(multiaddr(`/ip4/127.0.0.1/tcp/${port}`), to.id, new Uint8Array(32), {
      sink,
      signal: controller.signal
    })
    setImmediate(() => {
      controller.abort(new TypeError('during'))
    })
    await expect(opening).rejects.toThrow('during')
  })

  it('dials no address that the connection gater denies', async () => {
    const to = await bulkPeer('acceptor')
    const service = new BulkService({
      privateKey: await keyOf('dialler'),
      logger,
      addresses: () => [],
      gater: { denyDialMultiaddr: (address) => address.toString().startsWith(to.address.toString()) }
    })
    await expect(service.open(to.address, to.id, new Uint8Array(32), { sink })).rejects.toMatchObject({
      ...failure('unreachable'),
      message: 'the connection gater denies the address'
    })
    expect(to.accepted).toEqual([])
  })

  it('dials IP addresses alone, with a token of the right size', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const named = multiaddr('/dns4/localhost/tcp/1')
    await expect(from.service.open(named, to.id, new Uint8Array(32), { sink })).rejects.toMatchObject(
      failure('unreachable')
    )
    for (const bytes of [31, 33]) {
      await expect(from.service.open(to.address, to.id, new Uint8Array(bytes), { sink })).rejects.toMatchObject(
        failure('protocol')
      )
    }
  })
})

describe('an invitation', () => {
  it('ends when it is cancelled, once', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const invitation = to.service.invite(from.id, { sink })
    invitation.cancel()
    invitation.cancel()
    await expect(invitation.channel).rejects.toMatchObject(failure('not-taken'))
  })

  it('ends when the node stops', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    const invitation = to.service.invite(from.id, { sink })
    to.service.stop()
    await expect(invitation.channel).rejects.toMatchObject(failure('not-taken'))
  })

  it('stands as long as the bound, and not a millisecond longer', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor')]
    to.service.invite(from.id, { sink, lifetimeMs: MAX_INVITATION_LIFETIME_MS })
    for (const lifetimeMs of [MAX_INVITATION_LIFETIME_MS + 1, 0, -1, Number.NaN]) {
      expect(() => to.service.invite(from.id, { sink, lifetimeMs })).toThrow(/lifetimeMs/)
    }
  })
})

describe('the bounds', () => {
  it('of one peer count its invitations and its channels', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor', { maxChannelsPerPeer: 2 })]
    const { acceptor } = await channelBetween(from, to)
    const second = to.service.invite(from.id, { sink })
    const tooMany = { name: 'TooManyChannelsError', code: 'ERR_TOO_MANY_CHANNELS', limit: 2 }
    expect(() => to.service.invite(from.id, { sink })).toThrow(expect.objectContaining(tooMany) as Error)
    second.cancel()
    to.service.invite(from.id, { sink }).cancel()
    acceptor.abort(new TypeError('enough'))
    await acceptor.closed
    to.service.invite(from.id, { sink })
    to.service.invite(from.id, { sink })
    expect(() => to.service.invite(from.id, { sink })).toThrow(expect.objectContaining(tooMany) as Error)
  })

  it('of all peers together hold for those that dial too', async () => {
    const [from, to] = [await bulkPeer('dialler', { maxChannels: 1 }), await bulkPeer('acceptor')]
    const { dialler } = await channelBetween(from, to)
    const invitation = to.service.invite(from.id, { sink })
    const another = from.service.open(to.address, to.id, invitation.token, { sink })
    await expect(another).rejects.toMatchObject({ name: 'TooManyChannelsError', limit: 1 })
    dialler.abort(new TypeError('enough'))
    await dialler.closed
    await from.service.open(to.address, to.id, invitation.token, { sink })
  })

  it('of handshakes from one address let no more in until one is over', async () => {
    const to = await bulkPeer('acceptor', { maxPendingPerIp: 2 })
    const first = await open(to.port)
    await open(to.port)
    const outcome = to.nextAccepted()
    await open(to.port)
    expect(await outcome).toMatchObject({ name: 'TooManyChannelsError', limit: 2 })
    const ended = to.accepted[0]
    first.destroy()
    await ended
    const next = to.nextAccepted()
    const socket = await open(to.port)
    socket.write('no TLS')
    expect(await next).toMatchObject({ name: 'TlsHandshakeError' })
  })

  it('of handshakes in all hold whatever the addresses', async () => {
    const to = await bulkPeer('acceptor', { maxPending: 1 })
    await open(to.port)
    const outcome = to.nextAccepted()
    await open(to.port)
    expect(await outcome).toMatchObject({ name: 'TooManyChannelsError', limit: 1 })
  })

  it('of channels from one address hold until one of them ends', async () => {
    const [from, to] = [await bulkPeer('dialler'), await bulkPeer('acceptor', { maxChannelsPerIp: 1 })]
    const { acceptor } = await channelBetween(from, to)
    const invitation = to.service.invite(from.id, { sink })
    const outcome = to.nextAccepted()
    const another = from.service.open(to.address, to.id, invitation.token, { sink })
    await expect(another).rejects.toMatchObject(failure('unreachable'))
    expect(await outcome).toMatchObject({ name: 'TooManyChannelsError', limit: 1 })
    acceptor.abort(new TypeError('enough'))
    await acceptor.closed
    await new Promise((resolve) => setImmediate(resolve))
    await from.service.open(to.address, to.id, invitation.token, { sink })
  })
})
