import { expect, test } from 'vitest'
import { isAllowedHost, isLoopback } from '../../src/http/host-check.ts'

const local = { host: '127.0.0.1', allowRemote: false, allowedHosts: [] }
const remote = { host: '0.0.0.0', allowRemote: true, allowedHosts: ['Files.Example.org'] }

test.each([
  ['127.0.0.1:7070', true],
  ['127.9.9.9', true],
  ['localhost', true],
  ['LOCALHOST:1', true],
  ['[::1]:7070', true],
  ['evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example', false],
  ['192.168.1.4', false],
  ['[::2]', false],
  ['', false],
  [undefined, false],
  ['127.0.0.1:7070/x', false],
  ['user@127.0.0.1', false],
  ['127.0.0.1:', false],
  ['127.0.0.1:123456', false],
  ['a'.repeat(300), false]
])('a local server asked as %s: %s', (header, expected) => {
  expect(isAllowedHost(header, local)).toBe(expected)
})

test.each([
  ['192.168.1.4:7070', true],
  ['[2001:db8::1]:7070', true],
  ['files.example.org', true],
  ['sub.files.example.org', false],
  ['evil.example', false]
])('a server for others asked as %s: %s', (header, expected) => {
  expect(isAllowedHost(header, remote)).toBe(expected)
})

test.each([
  ['127.0.0.1', true],
  ['127.255.0.3', true],
  ['::1', true],
  ['[::1]', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.evil.example', false],
  ['', false]
])('%s is reached by this machine only: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})
