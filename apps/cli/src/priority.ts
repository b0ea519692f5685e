import type { FilePriority } from '@p2pshare/core'
import { UsageError } from './errors.ts'

const PRIORITIES: readonly string[] = ['skip', 'low', 'normal', 'high'] satisfies readonly FilePriority[]

/** `*.srt=high`, as `--priority` takes it. Throws `UsageError`. */
export function parsePriority(text: string): { glob: string; priority: FilePriority } {
  const at = text.lastIndexOf('=')
  const [glob, priority] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)]
  if (glob === '' || !isPriority(priority)) {
    throw new UsageError(`--priority ${text} is not a pattern with a priority`, "as in --priority '*.srt=high'")
  }
  return { glob, priority }
}

function isPriority(word: string): word is FilePriority {
  return PRIORITIES.includes(word)
}
