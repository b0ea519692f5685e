import { dirname, posix } from 'node:path'
import { anchors, links } from './markdown.ts'
import { exists, files, read } from './workspace.ts'

/** Relative links and anchors of every Markdown file that lead nowhere. Addresses on the web are not asked. */
export function brokenLinks(): string[] {
  const known = new Map<string, Set<string>>()
  const anchorsOf = (file: string): Set<string> => {
    let found = known.get(file)
    if (found === undefined) {
      found = anchors(read(file))
      known.set(file, found)
    }
    return found
  }

  return files('**/*.md').flatMap((file) =>
    links(read(file)).flatMap(({ target, line }) => {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) {
        return []
      }
      const [path = '', anchor] = decodeURI(target).split('#')
      const to = path === '' ? file : posix.normalize(posix.join(dirname(file), path))
      if (!exists(to)) {
        return [`${file}:${line}: ${target} does not exist`]
      }
      if (anchor !== undefined && to.endsWith('.md') && !anchorsOf(to).has(anchor)) {
        return [`${file}:${line}: ${to} has no heading #${anchor}`]
      }
      return []
    })
  )
}
