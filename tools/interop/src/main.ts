/**
 * Whether our transport and TLS talk to other implementations of libp2p, in both directions:
 * `npm run interop [-- --only go-libp2p]`. What cannot be had on this machine is named and left out; anything that was
 * tried and failed makes the run fail.
 */
import { parseArgs } from 'node:util'
import { ours, stock } from './js.ts'
import { build, RECIPES } from './native.ts'
import type { Implementation, KeyType, PeerOptions, Security } from './peers.ts'

const mebibyte = 1024 * 1024
const AMOUNTS = { up: 4 * mebibyte, down: 8 * mebibyte }

interface Result {
  readonly dialler: string
  readonly listener: string
  readonly security: string
  readonly keys: string
  readonly ok: boolean
  readonly ms: number
  readonly remark: string
}

async function tryOut(
  from: Implementation,
  to: Implementation,
  security: Security,
  keys: [KeyType, KeyType]
): Promise<Result> {
  const [dialling, listening] = keys.map((keyType): PeerOptions => ({ security, keyType })) as [
    PeerOptions,
    PeerOptions
  ]
  const start = performance.now()
  const common = { dialler: from.name, listener: to.name, security, keys: keys.join(' / ') }
  try {
    const listener = await to.listen(listening)
    try {
      const remark = await from.dial(dialling, listener.address, AMOUNTS)
      return { ...common, ok: true, ms: performance.now() - start, remark }
    } finally {
      await listener.stop()
    }
  } catch (error) {
    return { ...common, ok: false, ms: performance.now() - start, remark: String(error) }
  }
}

/** Both directions, both ways to encrypt; with TLS, whose certificates carry the key, every type of key. */
async function compare(other: Implementation): Promise<Result[]> {
  const results: Result[] = []
  for (const security of ['tls', 'noise'] as const) {
    const keyTypes = security === 'tls' ? other.keyTypes : other.keyTypes.slice(0, 1)
    for (const keyType of keyTypes) {
      results.push(await tryOut(ours, other, security, ['ed25519', keyType]))
      results.push(await tryOut(other, ours, security, [keyType, 'ed25519']))
    }
  }
  for (const keyType of ours.keyTypes.filter((type) => type !== 'ed25519')) {
    results.push(await tryOut(ours, other, 'tls', [keyType, 'ed25519']))
    results.push(await tryOut(other, ours, 'tls', ['ed25519', keyType]))
  }
  return results
}

function print(results: readonly Result[]): void {
  const rows = results.map(({ dialler, listener, security, keys, ok, ms, remark }) => [
    dialler,
    listener,
    security,
    keys,
    ok ? 'ok' : 'FAILED',
    `${Math.round(ms)} ms`,
    remark
  ])
  const table = [['dials', 'listens', 'by', 'keys', '', 'time', ''], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()
    )
  }
}

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const wanted = (name: string): boolean => values.only === undefined || values.only === name
const leftOut: string[] = []
const results: Result[] = []
for (const other of [ours, stock].filter(({ name }) => wanted(name))) {
  results.push(...(await compare(other)))
}
for (const recipe of RECIPES.filter(({ name }) => wanted(name))) {
  console.error(`building ${recipe.name} (some minutes the first time)`)
  const other = await build(recipe)
  if (typeof other === 'string') {
    leftOut.push(`${recipe.name}: ${other}`)
  } else {
    results.push(...(await compare(other)))
  }
}
print(results)
const failed = results.filter(({ ok }) => !ok)
console.log(
  `\n${results.length - failed.length} of ${results.length} worked, ${AMOUNTS.up / mebibyte} MiB up and ${AMOUNTS.down / mebibyte} MiB down each`
)
for (const line of leftOut) {
  console.log(`left out: ${line}`)
}
process.exitCode = failed.length > 0 ? 1 : 0
