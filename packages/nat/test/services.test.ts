import { expect, test } from 'vitest'
import { natServices } from '../src/index.ts'
import type { NatInit } from '../src/index.ts'

const always = ['identify', 'identifyPush', 'nat']

test.each<[string, NatInit, string[]]>([
  ['identify and AutoNAT v2', {}, ['autoNATv2', ...always]],
  ['no AutoNAT when it is off', { autoNATv2: false }, always],
  ['AutoNAT v1 only when it is asked for', { autoNATv1: true }, ['autoNATv1', 'autoNATv2', ...always]],
  ['DCUtR only when it is asked for', { dcutr: true }, ['autoNATv2', 'dcutr', ...always]],
  ['a relay only when it is asked for', { relayServer: true }, ['autoNATv2', ...always, 'relay']]
])('there is %s', (_, init, expected) => {
  expect(Object.keys(natServices(init)).sort()).toEqual(expected)
})
