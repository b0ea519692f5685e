import { readFileSync } from 'node:fs'

/** The tricks that the tests of `@p2pshare/transfer` know, by name. */
export interface NameCorpus {
  readonly names: Readonly<Record<string, string>>
  readonly paths: Readonly<Record<string, string>>
}

export function readNameCorpus(): NameCorpus {
  const file = new URL('../../../../packages/transfer/test/fixtures/hostile-names.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as NameCorpus
}
