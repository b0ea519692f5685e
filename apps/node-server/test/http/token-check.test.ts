import { expect, test } from 'vitest'
import { createToken } from '../../src/daemon-file.ts'
import { hasToken } from '../../src/http/token-check.ts'

const token = createToken()

test.each([`Bearer ${token}`, `bearer  ${token} `])('%s is let in', (header) => {
  expect(hasToken(header, token)).toBe(true)
})

test.each([
  undefined,
  '',
  'Bearer',
  'Bearer ',
  token,
  `Basic ${token}`,
  `Bearer ${token}x`,
  `Bearer ${token.slice(1)}`,
  `Bearer ${token} ${token}`,
  `Bearer ${' '.repeat(256)}${token}`
])('%s is not', (header) => {
  expect(hasToken(header, token)).toBe(false)
})
