import { expect, test } from 'vitest'
import { natServices } from '../src/index.ts'
import type { NatInit } from '../src/index.ts'

const always = ['identify', 'identifyPush', 'nat']

test.each<[string, NatInit, string[]]>([
  ["all of libp2p's own protocols", {}, ['autoNATv1', 'autoNATv2', 'dcutr', ...always]],
  ['no AutoNAT when it is off', { autoNATv1: false, autoNATv2: false }, ['dcutr', ...always]],
  ['no DCUtR when it is off', { dcutr: false }, ['autoNATv1', 'autoNATv2', ...always]],
  ['a relay only when it is asked for', { relayServer: true }, ['autoNATv1', 'autoNATv2', 'dcutr', ...always, 'relay']]
])('there is %s', (_, init, expected) => {
  expect(Object.keys(natServices(init)).sort()).toEqual(expected)
})
