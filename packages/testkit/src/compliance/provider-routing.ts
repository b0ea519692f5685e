import assert from 'node:assert/strict'
import { AbortError } from '@libp2p/interface'
import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { ProviderRouting } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { seededRandom } from '../random.ts'
import type { TestRunner } from '../runner/runner.ts'
import { rejectsWhenAborted, rejectsWithReason } from './assertions.ts'
import { someRoot } from './roots.ts'

/** One node of the network under test. */
export interface ProviderRoutingParticipant {
  readonly id: PeerId
  readonly routing: ProviderRouting
}

/** A network in which at least three nodes take part and know each other, directly or not. */
export interface ProviderRoutingSetup {
  readonly participants: readonly ProviderRoutingParticipant[]
}

/** How the suite gets networks. Each test sets up its own. */
export interface ProviderRoutingFixture<S extends ProviderRoutingSetup = ProviderRoutingSetup> {
  setup(): Promise<S>
  teardown(setup: S): Promise<void>
  /**
   * Time one test may take, in milliseconds: searches for what nobody provides take a while on some networks.
   *
   * @default 30_000
   */
  readonly timeoutMs?: number
}

interface Network {
  readonly a: ProviderRoutingParticipant
  readonly b: ProviderRoutingParticipant
  readonly c: ProviderRoutingParticipant
  readonly root: CID
}

async function findAll(from: ProviderRoutingParticipant, root: CID, options?: AbortOptions): Promise<string[]> {
  const found: string[] = []
  for await (const provider of from.routing.findProviders(root, options)) {
    found.push(provider.id.toString())
  }
  return found
}

/** What every `ProviderRouting` has to do: `packages/interface/src/routing.ts` as tests. */
export function providerRoutingCompliance<S extends ProviderRoutingSetup>(
  runner: TestRunner,
  fixture: ProviderRoutingFixture<S>
): void {
  const random = seededRandom('provider-routing-compliance')
  const timeoutMs = fixture.timeoutMs ?? 30_000
  const it = (name: string, test: (network: Network) => Promise<void>): void => {
    const body = async (): Promise<void> => {
      const setup = await fixture.setup()
      try {
        const [a, b, c] = setup.participants
        assert.ok(a !== undefined && b !== undefined && c !== undefined, 'the fixture has at least three participants')
        await test({ a, b, c, root: await someRoot(random.fork(name)) })
      } finally {
        await fixture.teardown(setup)
      }
    }
    runner.it(name, body, { timeoutMs })
  }

  runner.describe('ProviderRouting compliance', () => {
    it('finds from another node what was provided, as soon as provide resolves', async ({ a, b, root }) => {
      await a.routing.provide(root)
      assert.deepEqual(await findAll(b, root), [a.id.toString()])
    })

    it('finds all providers, each once', async ({ a, b, c, root }) => {
      await a.routing.provide(root)
      await b.routing.provide(root)
      assert.deepEqual((await findAll(c, root)).sort(), [a.id.toString(), b.id.toString()].sort())
    })

    it('does not find the node itself', async ({ a, b, root }) => {
      await a.routing.provide(root)
      await b.routing.provide(root)
      assert.deepEqual(await findAll(a, root), [b.id.toString()])
    })

    it('finds nobody for a root that nobody provides, without an error', async ({ a, b, root }) => {
      await b.routing.provide(await someRoot(random.fork('another root')))
      assert.deepEqual(await findAll(a, root), [])
    })

    it('takes the same root twice', async ({ a, b, root }) => {
      await a.routing.provide(root)
      await a.routing.provide(root)
      assert.deepEqual(await findAll(b, root), [a.id.toString()])
    })

    it('stops providing, also what it never provided', async ({ a, root }) => {
      await a.routing.cancelProvide(root)
      await a.routing.provide(root)
      await a.routing.cancelProvide(root)
    })

    it('can be left in the middle of a search, and searched again', async ({ a, b, c, root }) => {
      await a.routing.provide(root)
      await b.routing.provide(root)
      for await (const provider of c.routing.findProviders(root)) {
        assert.ok([a.id.toString(), b.id.toString()].includes(provider.id.toString()))
        break
      }
      assert.equal((await findAll(c, root)).length, 2)
    })

    it('does nothing with a signal that is aborted before the call', async ({ a, b, root }) => {
      await rejectsWhenAborted((signal) => a.routing.provide(root, { signal }))
      await rejectsWhenAborted((signal) => findAll(b, root, { signal }))
      await rejectsWhenAborted((signal) => a.routing.cancelProvide(root, { signal }))
      assert.deepEqual(await findAll(b, root), [], 'the aborted provide provided nothing')
    })

    it("gives up with the signal's reason when aborted during provide or a search", async ({ a, b, root }) => {
      const reason = new AbortError('the test gave up during the call')
      for (const call of [
        (signal: AbortSignal) => a.routing.provide(root, { signal }),
        (signal: AbortSignal) => findAll(b, root, { signal })
      ]) {
        const controller = new AbortController()
        const running = call(controller.signal)
        controller.abort(reason)
        await rejectsWithReason(async () => running, reason)
      }
    })
  })
}
