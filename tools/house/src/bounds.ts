import ts from 'typescript'

export interface Bound {
  /** `MAX_LEAVES`, `HTTP_LIMITS.bodyBytes`, or the option `maxSessions`. */
  name: string
  kind: 'constant' | 'option'
  /** As written in the source, or an option's `@default`. */
  value: string
  /** From its doc comment. */
  meaning: string
  exported: boolean
}

/**
 * What bounds a peer, a file or a user in one source file: constants `MAX_...`, the members of
 * `..._LIMITS` objects, and options `max...` that have a default.
 */
export function boundsIn(text: string): Bound[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true)
  return source.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap((declaration) => constants(statement, declaration))
    }
    return ts.isInterfaceDeclaration(statement) ? statement.members.flatMap(option) : []
  })
}

function constants(statement: ts.VariableStatement, { name, initializer }: ts.VariableDeclaration): Bound[] {
  const title = name.getText()
  const exported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
  const shared = { kind: 'constant', exported } as const
  if (title.startsWith('MAX_')) {
    return [{ ...shared, name: title, value: oneLine(initializer?.getText() ?? ''), meaning: docOf(statement) }]
  }
  const literal = /^(?:\w+_)?LIMITS$/.test(title) ? objectIn(initializer) : undefined
  const members = literal === undefined ? [] : [...literal.properties].filter(ts.isPropertyAssignment)
  return members.map((member) => ({
    ...shared,
    name: `${title}.${member.name.getText()}`,
    value: oneLine(member.initializer.getText()),
    meaning: docOf(member) || docOf(statement)
  }))
}

/** The object literal in `{ ... }`, `Object.freeze({ ... })` or `{ ... } as const`. */
function objectIn(node: ts.Expression | undefined): ts.ObjectLiteralExpression | undefined {
  if (node === undefined || ts.isObjectLiteralExpression(node)) {
    return node
  }
  if (ts.isCallExpression(node)) {
    return objectIn(node.arguments[0])
  }
  return ts.isAsExpression(node) || ts.isSatisfiesExpression(node) ? objectIn(node.expression) : undefined
}

function option(member: ts.TypeElement): Bound[] {
  const name = member.name?.getText() ?? ''
  const fallback = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default')
  if (!ts.isPropertySignature(member) || !/^max[A-Z]/.test(name) || fallback === undefined) {
    return []
  }
  const value = oneLine(ts.getTextOfJSDocComment(fallback.comment) ?? '')
  return [{ name, kind: 'option', value, meaning: docOf(member), exported: true }]
}

/** The first paragraph: the rest argues. */
function docOf(node: ts.Node): string {
  const doc = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc)
  const text = doc === undefined ? '' : (ts.getTextOfJSDocComment(doc.comment) ?? '')
  return oneLine(text.split(/\n\s*\n/)[0] ?? '')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
