/** One line of a program's `--json` output. */
export type JsonLine = Readonly<Record<string, unknown>> & { readonly type: string }

/** A punch that went well, as `--json` tells of it. */
export interface PunchLine {
  readonly peer: string
  readonly way: string
  readonly tookMs: number
}

/** Whether a line says that an attempt to punch failed. */
export function isFailedPunch({ type }: JsonLine): boolean {
  return type === 'peer.unpunched'
}

/** What a line says of a punch that went well; undefined: it says something else. */
export function punchLine({ type, peer, strategy, tookMs }: JsonLine): PunchLine | undefined {
  return type === 'peer.punched' &&
    typeof peer === 'string' &&
    typeof strategy === 'string' &&
    typeof tookMs === 'number'
    ? { peer, way: strategy, tookMs }
    : undefined
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

/** The last path that was told of: what was punched may be gone since. A punch stands for one where nothing told of any. */
export function lastPath(lines: readonly JsonLine[]): 'direct' | 'relay' | 'none' {
  return pathsIn(lines).at(-1) ?? (lines.some(({ type }) => type === 'peer.punched') ? 'direct' : 'none')
}

function isJsonLine(value: unknown): value is JsonLine {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
