import type { LimitsInForce, RateLimits } from '@p2pshare/core'
import { expect, test } from 'vitest'
import { HTTP_LIMITS, createHttpApp } from '../../src/http/app.ts'
import { MIN_BYTES_PER_SECOND } from '../../src/config/schema.ts'
import { MAX_ID_LENGTH, MAX_LIMITED } from '../../src/http/limits.ts'
import type { LimitedNode } from '../../src/http/limits.ts'

const ROOT = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

type Call = [what: 'node' | 'share' | 'peer', id: string, limits: RateLimits]

/** Takes any id that is not `bad`. */
function fakeNode(inForce: Partial<LimitsInForce> = {}): LimitedNode & { calls: Call[] } {
  const calls: Call[] = []
  const of = (what: Call[0], id: unknown, limits: RateLimits): void => {
    if (id === 'bad') {
      throw new TypeError('not an id')
    }
    calls.push([what, String(id), limits])
  }
  return {
    calls,
    limits: () => ({ node: {}, shares: [], peers: [], ...inForce }),
    setLimits: (limits) => of('node', '', limits),
    limitShare: (root, limits) => of('share', root, limits),
    limitPeer: (peer, limits) => of('peer', peer, limits)
  }
}

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

async function ask(
  node: LimitedNode | undefined,
  method: 'GET' | 'PATCH',
  payload?: unknown,
  headers: Record<string, string> = {}
): Promise<Answer> {
  const app = createHttpApp(
    { health: () => undefined, metrics: async () => ({ contentType: '', text: '' }), node: () => node },
    { host: '127.0.0.1', allowRemote: false, allowedHosts: [], token: 'secret' }
  )
  const response = await app.inject({
    method,
    url: '/api/v1/limits',
    headers: {
      host: 'localhost',
      authorization: 'Bearer secret',
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers
    },
    ...(payload === undefined ? {} : { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) })
  })
  return { status: response.statusCode, body: response.json() }
}

test('what is in force is told, null where nothing is', async () => {
  const node = fakeNode({
    node: { uploadBytesPerSecond: 4096 },
    shares: [{ root: { toString: () => ROOT } as never, uploadBytesPerSecond: 2048 }],
    peers: [{ peer: { toString: () => PEER } as never, downloadBytesPerSecond: 1024 }]
  })
  expect(await ask(node, 'GET')).toEqual({
    status: 200,
    body: {
      uploadBytesPerSecond: 4096,
      downloadBytesPerSecond: null,
      shares: { [ROOT]: { uploadBytesPerSecond: 2048 } },
      peers: { [PEER]: { downloadBytesPerSecond: 1024 } }
    }
  })
})

test('a patch sets what it names and nothing else; null ends a cap', async () => {
  const node = fakeNode()
  const patch = {
    uploadBytesPerSecond: MIN_BYTES_PER_SECOND,
    shares: { [ROOT]: { uploadBytesPerSecond: null } },
    peers: { [PEER]: { downloadBytesPerSecond: 5000 } }
  }
  expect((await ask(node, 'PATCH', patch)).status).toBe(200)
  expect(node.calls).toEqual([
    ['node', '', { uploadBytesPerSecond: MIN_BYTES_PER_SECOND }],
    ['share', ROOT, { uploadBytesPerSecond: Infinity }],
    ['peer', PEER, { downloadBytesPerSecond: 5000 }]
  ])
  expect((await ask(node, 'PATCH', '{}', { 'content-type': 'application/merge-patch+json' })).status).toBe(200)
})

const many = (n: number, length = 8): object =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [String(i).padStart(length, 'x'), {}]))

test('as many as allowed are taken, with ids as long as allowed', async () => {
  expect((await ask(fakeNode(), 'PATCH', { shares: many(MAX_LIMITED), peers: many(MAX_LIMITED) })).status).toBe(200)
  expect((await ask(fakeNode(), 'PATCH', { peers: many(1, MAX_ID_LENGTH) })).status).toBe(200)
})

test.each([
  [[], 'body'],
  [{ upload: 1 }, 'upload'],
  [{ uploadBytesPerSecond: MIN_BYTES_PER_SECOND - 1 }, 'uploadBytesPerSecond'],
  [{ uploadBytesPerSecond: '4096' }, 'uploadBytesPerSecond'],
  [{ downloadBytesPerSecond: 4096.5 }, 'downloadBytesPerSecond'],
  [{ shares: { [ROOT]: { uploadBytesPerSecond: 0 } } }, ROOT],
  [{ shares: { bad: {} } }, 'bad'],
  [{ peers: many(MAX_LIMITED + 1) }, 'peers'],
  [{ peers: many(1, MAX_ID_LENGTH + 1) }, 'peers']
])('a request that cannot be meant is refused by name: %j', async (payload, named) => {
  const { status, body } = await ask(fakeNode(), 'PATCH', payload)
  expect([status, body['code']]).toEqual([400, 'ERR_REQUEST'])
  expect(body['detail']).toContain(named)
})

test.each([
  ['{', {}, 400],
  ['{}', { 'content-type': 'text/plain' }, 415],
  [`{"x":"${'x'.repeat(HTTP_LIMITS.maxBodyBytes)}"}`, {}, 413],
  ['{}', { authorization: '' }, 401],
  ['{}', { authorization: 'Bearer guess' }, 401]
])('a body that is not read is answered with a problem: %.10s %j', async (payload, headers, status) => {
  const node = fakeNode()
  const answer = await ask(node, 'PATCH', payload, headers)
  expect(answer).toMatchObject({ status, body: { status, type: 'about:blank' } })
  expect(node.calls).toEqual([])
})

test('a node that is not there yet is 503', async () => {
  expect(await ask(undefined, 'GET')).toMatchObject({ status: 503, body: { code: 'ERR_NOT_STARTED' } })
})
