/** Between two columns. */
const GAP = '  '

/** A column is aligned up to this width; what is longer pushes its own line only. */
const MAX_COLUMN = 52

/** Rows as aligned lines, each at most `width` wide. */
export function alignColumns(rows: readonly (readonly string[])[], width = Infinity): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.min(MAX_COLUMN, Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  )
  return rows.map((row) => {
    const text = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(GAP)
    return clip(text.trimEnd(), width)
  })
}

/** At most `width` characters, with a sign that something is missing. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}
