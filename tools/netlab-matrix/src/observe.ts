/** One line of a program's `--json` output. */
export type JsonLine = Readonly<Record<string, unknown>> & { readonly type: string }

/** What the log of @p2pshare/nat says when a punch went well. */
export interface PunchLine {
  readonly peer: string
  readonly way: string
  readonly tookMs: number
}

const PUNCHED = /p2pshare:nat:punch\S* direct to (\S+) by ([a-z-]+) in (\d+) ms/

const IN_VAIN = /p2pshare:nat:punch\S* no direct connection to /

/** Whether a line of that log says that an attempt to punch failed. */
export function isFailedPunch(line: string): boolean {
  return IN_VAIN.test(line)
}

/** A line of `DEBUG=p2pshare:nat:punch`; undefined: it says something else. */
export function punchLine(line: string): PunchLine | undefined {
  const [, peer, way, ms] = PUNCHED.exec(line) ?? []
  return peer === undefined || way === undefined || ms === undefined ? undefined : { peer, way, tookMs: Number(ms) }
}

/** A line of NDJSON; undefined: it is none. */
export function jsonLine(text: string): JsonLine | undefined {
  try {
    const line: unknown = JSON.parse(text)
    return isJsonLine(line) ? line : undefined
  } catch {
    return undefined
  }
}

/** What `get` told of its path: when a peer joined, and with its progress. In the order of time, without repeats. */
export function pathsIn(lines: readonly JsonLine[]): ('direct' | 'relay')[] {
  const paths = lines.flatMap<'direct' | 'relay'>(({ path }) => (path === 'direct' || path === 'relay' ? [path] : []))
  return paths.filter((path, at) => path !== paths[at - 1])
}

/** The last path that `get` told of. */
export function lastPath(lines: readonly JsonLine[]): 'direct' | 'relay' | 'none' {
  return pathsIn(lines).at(-1) ?? 'none'
}

function isJsonLine(value: unknown): value is JsonLine {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
