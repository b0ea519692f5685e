import { Command } from 'commander'
import { expect, test } from 'vitest'
import { MAX_ADDRESSES, addGlobalOptions, toGlobalOptions, unsetFlags, wantsJson } from '../src/global-options.ts'
import type { GlobalOptions } from '../src/global-options.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

function parse(...argv: string[]): GlobalOptions {
  const program = addGlobalOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  program.parse(argv, { from: 'user' })
  return toGlobalOptions(program.opts())
}

test('nothing given is nothing decided', () => {
  expect(parse()).toEqual({ json: false, quiet: false, mdns: true })
})

test('addresses repeat, and a list has commas', () => {
  const options = parse('--listen', '/ip4/1.2.3.4/tcp/1,/ip4/1.2.3.4/tcp/2', '--listen', '/ip6/::/tcp/3')
  expect(options.listen).toEqual(['/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2', '/ip6/::/tcp/3'])
})

test('a private network has a key, and other networks are allowed by name', () => {
  const options = parse('--network-key', 'k', '--allow-network', '10.0.0.0/8,fc00::/7')
  expect(options).toMatchObject({ networkKey: 'k', allowNetwork: ['10.0.0.0/8', 'fc00::/7'] })
})

test('everything else is read as it is meant', () => {
  const address = `/ip4/1.2.3.4/tcp/1/p2p/${PEER}`
  expect(
    parse(
      '--home',
      '/h',
      '--bootstrap',
      address,
      '--json',
      '-q',
      '--timeout',
      '2m',
      '--no-mdns',
      '--profile',
      'unixfs-v0-2015',
      '--limit-up',
      '4M',
      '--limit-down',
      '512K'
    )
  ).toEqual({
    home: '/h',
    bootstrap: [address],
    json: true,
    quiet: true,
    timeoutMs: 120_000,
    mdns: false,
    profile: 'unixfs-v0-2015',
    limitUp: 4 * 1024 * 1024,
    limitDown: 512 * 1024
  })
})

test.each([
  [['--listen', 'localhost:80']],
  [['--network-key', '']],
  [['--allow-network', '10.0.0.0']],
  [['--allow-network', '10.0.0.0/33']],
  [['--bootstrap', 'x']],
  [['--timeout', 'soon']],
  [['--home', '']],
  [['--limit-up', '4Mbit']],
  [['--limit-down', '']]
])('refuses %j with advice', (argv) => {
  expect(() => parse(...argv)).toThrow(
    expect.objectContaining({ code: 'ERR_USAGE', advice: expect.any(String) as string })
  )
})

test('refuses a profile that it does not know', () => {
  expect(() => parse('--profile', 'x')).toThrow(/Allowed choices/)
})

test('takes the most addresses allowed, and not one more', () => {
  const list = (n: number): string => Array.from({ length: n }, (_, port) => `/ip4/127.0.0.1/tcp/${port}`).join(',')
  expect(parse('--listen', list(MAX_ADDRESSES)).listen).toHaveLength(MAX_ADDRESSES)
  expect(() => parse('--listen', list(MAX_ADDRESSES + 1))).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
})

test('a flag in the environment can say no', () => {
  expect(unsetFlags({ P2PSHARE_JSON: '0', P2PSHARE_QUIET: 'false', P2PSHARE_NO_MDNS: '1' })).toEqual([
    'P2PSHARE_JSON',
    'P2PSHARE_QUIET'
  ])
  expect(unsetFlags({ P2PSHARE_JSON: '' })).toEqual(['P2PSHARE_JSON'])
  expect(unsetFlags({})).toEqual([])
})

test('JSON is known before options are parsed, so that their errors can be JSON', () => {
  expect(wantsJson(['get', '--json'], {})).toBe(true)
  expect(wantsJson(['share', '--', '--json'], {})).toBe(false)
  expect(wantsJson([], { P2PSHARE_JSON: '1' })).toBe(true)
  expect(wantsJson([], { P2PSHARE_JSON: '0' })).toBe(false)
})
