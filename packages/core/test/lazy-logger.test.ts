import type { ComponentLogger } from '@libp2p/interface'
import { disable, enable } from '@libp2p/logger'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lazyLogger } from '../src/lazy-logger.ts'
import { toLibp2pInit } from '../src/options.ts'

let before = ''
let made: string[] = []
let printed: string[] = []

/** Prints all it is told: whether that is wanted was asked before. */
const inner: ComponentLogger = {
  forComponent(name) {
    made.push(name)
    const as =
      (kind: string) =>
      (text: unknown): void => {
        printed.push(`${kind} ${name} ${String(text)}`)
      }
    return Object.assign(as('log'), {
      error: as('error'),
      trace: as('trace'),
      newScope: (scope: string) => inner.forComponent(`${name}:${scope}`),
      enabled: true
    })
  }
}

beforeEach(() => {
  before = process.env['DEBUG'] ?? ''
  disable()
  ;[made, printed] = [[], []]
})

afterEach(() => {
  enable(before)
})

test('nothing is made while nobody wants to read it', () => {
  const log = lazyLogger(inner).forComponent('a')
  log('one')
  log.error('two')
  log.newScope('b').trace('three')
  expect([made, printed, log.enabled]).toEqual([[], [], false])
})

test('what is wanted later is printed from then on, by one logger', () => {
  const log = lazyLogger(inner).forComponent('a')
  log('before')
  enable('a')
  log('one')
  log('two')
  log.error('not asked for')
  expect([made, printed, log.enabled]).toEqual([['a'], ['log a one', 'log a two'], true])
})

test('errors and traces have names of their own', () => {
  const log = lazyLogger(inner).forComponent('a')
  enable('a:error,a:trace')
  log('not asked for')
  log.error('one')
  log.trace('two')
  expect(printed).toEqual(['error a one', 'trace a two'])
})

test('a scope is a part of the name', () => {
  enable('a:b:*')
  const log = lazyLogger(inner).forComponent('a').newScope('b').newScope('c')
  log('one')
  expect(printed).toEqual(['log a:b:c one'])
})

test('a node logs so by default, and as it is told otherwise', () => {
  expect(toLibp2pInit({ logger: inner }, undefined).logger).toBe(inner)
  const log = toLibp2pInit({}, undefined).logger?.forComponent('a')
  expect(log?.enabled).toBe(false)
})
