import type { NatTypeFacts } from './nat-types.ts'
import type { Classification } from './probe/verdict.ts'
import type { Lab } from './types.ts'

/** A lab, one host a line. */
export function describeLab(lab: Lab): string {
  const hosts = Object.values(lab.hosts).flatMap((host) => host ?? [])
  const rows = hosts.map((host) => [
    host.name,
    host.type ?? 'public',
    host.addresses.join(' '),
    host.router === undefined ? '' : `seen as ${host.publicAddresses.join(' ')}`,
    `${lab.link(host.name).delayMs} ms`
  ])
  const built = lab.builtInMs > 0 ? `, built in ${Math.round(lab.builtInMs)} ms` : ''
  const ground = lab.ground === 'user' ? ', in a user namespace' : ''
  return [`lab ${lab.name}${ground}${built}`, ...columns(rows).map((row) => `  ${row}`)].join('\n')
}

/** What was found out about a host, in one line. */
export function tellClass({ host, family, ...found }: Classification): string {
  if (!found.udp) {
    return `${host}  IPv${family}: no UDP answer at all`
  }
  const ports = found.preservesPorts === true ? 'keeps ports' : 'changes ports'
  const outside = [...new Set(found.outside?.map(({ address, port }) => `${address} ${port}`))].join(', ')
  const tcp = found.unsolicitedTcp === undefined ? '' : `; unsolicited TCP is ${found.unsolicitedTcp}`
  return `${host}  IPv${family}: mapping ${found.mapping ?? '?'}, filtering ${found.filtering ?? '?'}, ${ports} (${outside})${tcp}`
}

/** The table of `netlab types`. */
export function tellTypes(types: Readonly<Record<string, NatTypeFacts>>): string {
  return columns(Object.entries(types).map(([name, { summary }]) => [name, summary])).join('\n')
}

/** What went wrong. One error of a program and another of taking down its lab come as one, which says nothing itself. */
export function tellErrors(error: unknown): string {
  if (error instanceof SuppressedError) {
    return tellErrors(error.suppressed) + tellErrors(error.error)
  }
  const { message, advice } = error as Error & { readonly advice?: string }
  return `netlab: ${message}\n${advice === undefined ? '' : `        ${advice}\n`}`
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  )
}
