import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createSecureContext, connect, TLSSocket } from 'node:tls'
import type { MessageStream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tls as stockTls } from '@libp2p/tls'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { describe, expect, it } from 'vitest'
import { tls } from '../../src/tls/index.ts'
import { toPem } from '../../src/tls/generate.ts'
import { bentCertificate, DAY_MS } from '../support/certificates.ts'
import type { Bent } from '../support/certificates.ts'
import { cleanUpSockets, logger, socketPair } from '../support/sockets.ts'
import { connectionOf, encrypter, keyOf, securePair, upgraderWith } from '../support/tls-pair.ts'

checkLeaks()
cleanUpSockets()

const YAMUX = '/yamux/1.0.0'
const MPLEX = '/mplex/6.7.0'

async function closeBoth(...streams: readonly MessageStream[]): Promise<void> {
  await Promise.all(streams.map(async (stream) => stream.close()))
}

/** A server of ours that waits for whoever is at the other end of the returned socket. */
async function waiting(
  init: { handshakeTimeoutMs?: number } = {}
): Promise<{ near: Socket; far: Socket; secured: Promise<unknown> }> {
  const { near, far } = await socketPair()
  const inbound = connectionOf(far, 'inbound')
  const secured = encrypter(await keyOf('server'), [], init).secureInbound(inbound)
  secured.catch(() => {})
  return { near, far, secured }
}

/** A TLS client by hand, with the certificate that `bent` makes. */
async function handClient(socket: Socket, bent: Bent | undefined, alpn = ['libp2p']): Promise<TLSSocket> {
  const made = bent === undefined ? undefined : await bentCertificate(await keyOf('client'), bent)
  const client = connect({
    socket,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ALPNProtocols: alpn,
    ...(made === undefined
      ? {}
      : { cert: toPem(made.certificate), key: made.privateKey.export({ format: 'pem', type: 'pkcs8' }) })
  })
  client.on('error', () => {})
  return client
}

describe('a handshake', () => {
  it('tells each side who the other is', async () => {
    const { client, server } = await securePair()
    expect(client.secured.remotePeer.equals(peerIdFromPrivateKey(await keyOf('server')))).toBe(true)
    expect(server.secured.remotePeer.equals(peerIdFromPrivateKey(await keyOf('client')))).toBe(true)
    await closeBoth(client.secured.connection, server.secured.connection)
  })

  it('chooses the first muxer of the client that the server has too', async () => {
    const { client, server } = await securePair({ client: [MPLEX, YAMUX], server: ['/other', YAMUX] })
    expect(client.secured.streamMuxer?.protocol).toBe(YAMUX)
    expect(server.secured.streamMuxer?.protocol).toBe(YAMUX)
    await closeBoth(client.secured.connection)
  })

  it('leaves the muxer for later when there is none in common', async () => {
    const { client, server } = await securePair({ client: [MPLEX], server: [YAMUX] })
    expect(client.secured.streamMuxer).toBeUndefined()
    expect(server.secured.streamMuxer).toBeUndefined()
    await closeBoth(client.secured.connection)
  })

  it('leaves the muxer for later when it was asked to', async () => {
    const { near, far } = await socketPair()
    const [client, server] = await Promise.all([
      encrypter(await keyOf('client'), [YAMUX]).secureOutbound(connectionOf(near, 'outbound'), {
        skipStreamMuxerNegotiation: true
      }),
      encrypter(await keyOf('server'), [YAMUX]).secureInbound(connectionOf(far, 'inbound'))
    ])
    expect([client.streamMuxer, server.streamMuxer]).toEqual([undefined, undefined])
    await closeBoth(client.connection)
  })

  it('ends when the peer is another than the expected one, on either side', async () => {
    for (const side of ['client', 'server'] as const) {
      const { near, far } = await socketPair()
      const expected = { remotePeer: peerIdFromPrivateKey(await keyOf('nobody')) }
      const results = await Promise.allSettled([
        encrypter(await keyOf('client')).secureOutbound(
          connectionOf(near, 'outbound'),
          side === 'client' ? expected : {}
        ),
        encrypter(await keyOf('server')).secureInbound(connectionOf(far, 'inbound'), side === 'server' ? expected : {})
      ])
      const judge = results[side === 'client' ? 0 : 1]
      expect(judge).toMatchObject({ status: 'rejected', reason: { name: 'UnexpectedPeerError' } })
      expect((side === 'client' ? near : far).destroyed).toBe(true)
    }
  })

  it('never names the host it dials', async () => {
    const { near, far } = await socketPair()
    const secured = encrypter(await keyOf('client')).secureOutbound(connectionOf(near, 'outbound'))
    secured.catch(() => {})
    const servername = Promise.withResolvers<string>()
    const server = new TLSSocket(far, {
      isServer: true,
      secureContext: createSecureContext(),
      SNICallback: (name, done) => {
        servername.resolve(name)
        done(null)
      }
    })
    server.on('error', () => {})
    await expect(secured).rejects.toMatchObject({ name: 'TlsHandshakeError' })
    servername.resolve('none')
    expect(await servername.promise).toBe('none')
  })
})

describe('a server refuses', () => {
  it('a client without a certificate', async () => {
    const { near, secured } = await waiting()
    await handClient(near, undefined)
    await expect(secured).rejects.toMatchObject({
      name: 'TlsHandshakeError',
      message: expect.stringMatching(/no certificate/) as string
    })
  })

  it('a client whose certificate has expired', async () => {
    const { near, secured } = await waiting()
    const client = await handClient(near, { notBefore: Date.now() - 2 * DAY_MS, notAfter: Date.now() - DAY_MS })
    await expect(secured).rejects.toMatchObject({
      name: 'InvalidCertificateError',
      message: expect.stringMatching(/expired/) as string
    })
    await once(client, 'close')
  })

  it('a client whose certificate proves nothing', async () => {
    const { near, secured } = await waiting()
    await handClient(near, { proof: new Uint8Array(64) })
    await expect(secured).rejects.toMatchObject({
      name: 'InvalidCertificateError',
      message: expect.stringMatching(/did not sign/) as string
    })
  })

  it('a client that offers no protocol it knows', async () => {
    const { near, secured } = await waiting()
    await handClient(near, {}, ['h2'])
    await expect(secured).rejects.toMatchObject({ name: 'TlsHandshakeError' })
  })

  it('TLS 1.2', async () => {
    const { near, secured } = await waiting()
    connect({ socket: near, rejectUnauthorized: false, maxVersion: 'TLSv1.2' }).on('error', () => {})
    await expect(secured).rejects.toMatchObject({
      name: 'TlsHandshakeError',
      code: 'ERR_TLS_HANDSHAKE',
      fault: 'network'
    })
  })

  it('what is no TLS at all', async () => {
    const { near, far, secured } = await waiting()
    near.write('GET / HTTP/1.1\r\n\r\n')
    await expect(secured).rejects.toMatchObject({ name: 'TlsHandshakeError' })
    expect(far.destroyed).toBe(true)
  })

  it('a client that goes in the middle, by an end or a reset', async () => {
    for (const leave of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const { near, secured } = await waiting()
      near.write(Uint8Array.of(0x16, 0x03, 0x01, 0x02))
      leave(near)
      // it may be gone before TLS began
      await expect(secured).rejects.toBeInstanceOf(Error)
    }
  })

  it('a session that is resumed instead of a certificate that is shown', async () => {
    const first = await waiting()
    const client = await handClient(first.near, {})
    const session = Promise.withResolvers<Buffer>()
    client.once('session', session.resolve)
    client.resume()
    await first.secured
    const again = await waiting()
    connect({ socket: again.near, rejectUnauthorized: false, session: await session.promise }).on('error', () => {})
    await expect(again.secured).rejects.toMatchObject({ name: 'TlsHandshakeError' })
    client.destroy()
  })

  it('a client that says nothing for too long', async () => {
    const { far, secured } = await waiting({ handshakeTimeoutMs: 20 })
    await expect(secured).rejects.toMatchObject({ name: 'DeadlineError', afterMs: 20 })
    expect(far.destroyed).toBe(true)
  })
})

describe('a signal', () => {
  it('that is aborted before ends the handshake before it begins', async () => {
    const { near } = await socketPair()
    const connection = connectionOf(near, 'outbound')
    const secured = encrypter(await keyOf('client')).secureOutbound(connection, {
      signal: AbortSignal.abort(new TypeError('too late'))
    })
    await expect(secured).rejects.toThrow('too late')
    connection.abort(new TypeError('the test is over'))
  })

  it('that aborts during the handshake ends it at once, with its reason', async () => {
    const { near } = await socketPair()
    const connection = connectionOf(near, 'outbound')
    const controller = new AbortController()
    const secured = encrypter(await keyOf('client')).secureOutbound(connection, { signal: controller.signal })
    secured.catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    controller.abort(new TypeError('no longer wanted'))
    await expect(secured).rejects.toThrow('no longer wanted')
    expect(near.destroyed).toBe(true)
    expect(connection.status).toBe('aborted')
  })

  it('that aborts after the handshake changes nothing', async () => {
    const { near, far } = await socketPair()
    const controller = new AbortController()
    const [client, server] = await Promise.all([
      encrypter(await keyOf('client')).secureOutbound(connectionOf(near, 'outbound'), { signal: controller.signal }),
      encrypter(await keyOf('server')).secureInbound(connectionOf(far, 'inbound'), { signal: controller.signal })
    ])
    controller.abort()
    expect([client.connection.status, server.connection.status]).toEqual(['open', 'open'])
    await closeBoth(client.connection)
  })
})

describe('a connection without a socket of its own', () => {
  it('is encrypted, carries bytes both ways, and ends with what is closed above it', async () => {
    const [outbound, inbound] = multiaddrConnectionPair()
    const [client, server] = await Promise.all([
      encrypter(await keyOf('client'), [YAMUX]).secureOutbound(outbound),
      encrypter(await keyOf('server'), [YAMUX]).secureInbound(inbound)
    ])
    expect(client.remotePeer.equals(peerIdFromPrivateKey(await keyOf('server')))).toBe(true)
    expect(server.remotePeer.equals(peerIdFromPrivateKey(await keyOf('client')))).toBe(true)
    expect([client.streamMuxer?.protocol, server.streamMuxer?.protocol]).toEqual([YAMUX, YAMUX])
    server.connection.addEventListener('message', ({ data }) => {
      server.connection.send(data)
    })
    client.connection.send(Buffer.alloc(200_000, 7))
    let echoed = 0
    for await (const part of client.connection) {
      echoed += part.byteLength
      if (echoed === 200_000) {
        break
      }
    }
    await client.connection.close()
    expect(outbound.status).toBe('closed')
  })

  it.each(['ours', 'theirs'])('is understood by @libp2p/tls, when %s dials', async (who) => {
    const [outbound, inbound] = multiaddrConnectionPair()
    const made = {
      ours: encrypter(await keyOf('ours'), [YAMUX]),
      theirs: stockTls()({ privateKey: await keyOf('theirs'), upgrader: upgraderWith(YAMUX), logger })
    }
    const [dialer, listener] = who === 'ours' ? [made.ours, made.theirs] : [made.theirs, made.ours]
    const [client, server] = await Promise.all([dialer.secureOutbound(outbound), listener.secureInbound(inbound)])
    expect(client.remotePeer.equals(peerIdFromPrivateKey(await keyOf(who === 'ours' ? 'theirs' : 'ours')))).toBe(true)
    expect(server.remotePeer.equals(peerIdFromPrivateKey(await keyOf(who)))).toBe(true)
    client.connection.abort(new TypeError('the test is over'))
  })

  it('fails with somebody else at the other side, and both ends of it are over', async () => {
    const [outbound, inbound] = multiaddrConnectionPair()
    const inbounds = encrypter(await keyOf('server')).secureInbound(inbound)
    const remotePeer = peerIdFromPrivateKey(await keyOf('another'))
    const outbounds = encrypter(await keyOf('client')).secureOutbound(outbound, { remotePeer })
    await expect(outbounds).rejects.toMatchObject({ name: 'UnexpectedPeerError' })
    expect(outbound.status).toBe('aborted')
    // TLS 1.3 lets the server be done before it can hear of that
    await inbounds.catch(() => undefined)
    await expect.poll(() => inbound.status, { timeout: 60_000 }).not.toBe('open')
  })

  it('fails when it ends in the middle of the handshake, or the signal aborts', async () => {
    const [cut, other] = multiaddrConnectionPair()
    const cutting = encrypter(await keyOf('client')).secureOutbound(cut)
    other.abort(new TypeError('cut off'))
    await expect(cutting).rejects.toThrow()
    const [waiting] = multiaddrConnectionPair()
    const controller = new AbortController()
    const stopped = encrypter(await keyOf('client')).secureOutbound(waiting, { signal: controller.signal })
    controller.abort(new TypeError('the user left'))
    await expect(stopped).rejects.toThrow('the user left')
    expect([cut.status, waiting.status]).not.toContain('open')
  })
})

describe('tls()', () => {
  it('checks its options at once', () => {
    for (const handshakeTimeoutMs of [0, -1, 1.5, Number.NaN]) {
      expect(() => tls({ handshakeTimeoutMs })).toThrow(/handshakeTimeoutMs/)
    }
  })

  it('says what it is', async () => {
    const made = tls()({ privateKey: await keyOf('client'), upgrader: upgraderWith(), logger })
    expect(made.protocol).toBe('/tls/1.0.0')
  })
})
