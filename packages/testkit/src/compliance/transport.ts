import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'
import { SuiteUnavailableError } from '../errors.ts'
import { runMochaSuite } from '../runner/mocha.ts'
import type { TestRunner } from '../runner/runner.ts'

const SUITE_PACKAGE = '@libp2p/interface-compliance-tests'

/** The part of a `@multiformats/multiaddr-matcher` matcher that the suite uses. */
export interface AddressMatcher {
  matches(address?: Multiaddr): boolean
  exactMatch(address?: Multiaddr): boolean
}

/** Two nodes' options with the transport under test, and the addresses that belong to it. */
export interface TransportSetup {
  /** Options of the node that dials. */
  readonly dialer: Libp2pOptions
  /** Options of the node that listens, on two addresses. Without it, the tests that need a listener are skipped. */
  readonly listener?: Libp2pOptions
  /** Two addresses of one node, for a transport that cannot listen here. */
  readonly dialAddrs?: [Multiaddr, Multiaddr]
  /** Which of the listener's addresses the transport can dial. */
  readonly dialMultiaddrMatcher: AddressMatcher
  /** Which addresses it can listen on. */
  readonly listenMultiaddrMatcher: AddressMatcher
}

/** How the suite gets the transport. */
export interface TransportFixture {
  setup(): Promise<TransportSetup>
  teardown(): Promise<void>
}

/**
 * js-libp2p's own transport suite, under any runner: listening, dialling, aborts, closing with streams open, large and
 * many writes. `@libp2p/interface-compliance-tests` must be installed (see README). Await it at the top of a test file.
 */
export async function transportCompliance(runner: TestRunner, fixture: TransportFixture): Promise<void> {
  const suite = await loadSuite()
  runMochaSuite(runner, () => {
    suite(fixture)
  })
}

type Suite = (fixture: TransportFixture) => void

async function loadSuite(): Promise<Suite> {
  try {
    const loaded: { default: unknown } = await import('@libp2p/interface-compliance-tests/transport')
    // its own types want a whole matcher where the suite calls two methods
    return loaded.default as Suite
  } catch (error) {
    throw new SuiteUnavailableError(SUITE_PACKAGE, { cause: error })
  }
}
