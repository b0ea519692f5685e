/** Whether a program printed what its page says; `…` on the page stands for any text within the line. */
export function matchesOutput(page: string, printed: string): boolean {
  const expected = page.trimEnd().split('\n')
  const actual = printed.trimEnd().split('\n')
  return expected.length === actual.length && expected.every((line, at) => matchesLine(line, actual[at] ?? ''))
}

function matchesLine(page: string, printed: string): boolean {
  const [first = '', ...rest] = page.trimEnd().split('…')
  const line = printed.trimEnd()
  if (rest.length === 0) {
    return line === first
  }
  const last = rest.pop() ?? ''
  if (!line.startsWith(first) || line.length < first.length + last.length || !line.endsWith(last)) {
    return false
  }
  let from = first.length
  for (const part of rest) {
    const at = line.indexOf(part, from)
    if (at === -1) {
      return false
    }
    from = at + part.length
  }
  return from <= line.length - last.length
}
