import ts from 'typescript'

export interface ErrorClass {
  name: string
  /** The `name` field: what a program compares. */
  label: string
  code: string
  /** More than one where the constructor decides. */
  faults: string[]
  description: string
  advice: string[]
  /** The base class in the same or another package. */
  base: string
}

/** The concrete error classes of a source file that descend from P2PShareError, in order. */
export function errorClasses(fileName: string, text: string): ErrorClass[] {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true)
  const found: ErrorClass[] = []
  source.forEachChild((node) => {
    if (ts.isClassDeclaration(node) && node.name !== undefined && !isAbstract(node)) {
      const base = baseOf(node)
      if (base?.endsWith('Error') === true) {
        found.push({
          name: node.name.text,
          label: fieldTexts(node, 'name')[0] ?? '',
          code: fieldTexts(node, 'code')[0] ?? '',
          faults: fieldTexts(node, 'fault'),
          description: descriptionOf(node),
          advice: fieldTexts(node, 'advice'),
          base
        })
      }
    }
  })
  return found
}

function isAbstract(node: ts.ClassDeclaration): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword) === true
}

function baseOf(node: ts.ClassDeclaration): string | undefined {
  const clause = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)
  return clause?.types[0]?.expression.getText()
}

function descriptionOf(node: ts.ClassDeclaration): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
  const text = doc === undefined ? '' : (ts.getTextOfJSDocComment(doc.comment) ?? '')
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** The string or strings that a field can hold: from its initialiser, or from `this.field = ...` in the constructor. */
function fieldTexts(node: ts.ClassDeclaration, field: string): string[] {
  const texts: string[] = []
  for (const member of node.members) {
    if (ts.isPropertyDeclaration(member) && member.name.getText() === field && !isStatic(member)) {
      texts.push(...resultTexts(member.initializer))
    }
    if (ts.isConstructorDeclaration(member) && member.body !== undefined) {
      texts.push(...assignedTexts(member.body, field))
    }
  }
  return [...new Set(texts)]
}

function isStatic(member: ts.PropertyDeclaration): boolean {
  return member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true
}

function assignedTexts(body: ts.Node, field: string): string[] {
  const texts: string[] = []
  const visit = (node: ts.Node): void => {
    if (
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      node.left.getText() === `this.${field}`
    ) {
      texts.push(...resultTexts(node.right))
    }
    node.forEachChild(visit)
  }
  visit(body)
  return texts
}

/** Literal results of an expression; the condition of `a ? b : c` is not one. A template shows its holes as `<x>`. */
function resultTexts(node: ts.Expression | undefined): string[] {
  if (node === undefined) {
    return []
  }
  if (ts.isStringLiteralLike(node)) {
    return [node.text]
  }
  if (ts.isConditionalExpression(node)) {
    return [...resultTexts(node.whenTrue), ...resultTexts(node.whenFalse)]
  }
  if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node)) {
    return resultTexts(node.expression)
  }
  if (ts.isTemplateExpression(node)) {
    const holes = node.templateSpans.map(({ expression, literal }) => `<${expression.getText()}>${literal.text}`)
    return [node.head.text + holes.join('')]
  }
  return []
}
