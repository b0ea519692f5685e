import ts from 'typescript'
import { join } from 'node:path'
import { codeBlocks } from './markdown.ts'
import { files, publishable, read, ROOT } from './workspace.ts'

export interface Snippet {
  /** `packages/dht/README.md` */
  file: string
  line: number
  code: string
  flags: string[]
  /** What the page says it prints, from a directly following `text output` block. */
  output: string | undefined
}

/** Every `ts` block of the pages that users read, and the programs in the API's own comments. */
export function snippets(): Snippet[] {
  const packages = publishable().map(({ folder }) => folder)
  const pages = files(['README.md', 'docs/**/*.md', 'examples/*/README.md', ...packages.map((at) => `${at}/README.md`)])
  const sources = files(packages.map((at) => `${at}/src/index.ts`))
  return [
    ...pages.flatMap((file) => blocksOf(file, read(file))),
    // a fragment in a comment leans on what stands around it; a program does not
    ...sources.flatMap((file) =>
      blocksOf(file, commentText(read(file)))
        .filter(isProgram)
        .map((block) => ({ ...block, flags: ['no-run'] }))
    )
  ]
}

function blocksOf(file: string, markdown: string): Snippet[] {
  const blocks = codeBlocks(markdown)
  return blocks.flatMap(({ language, flags, code, line }, at) => {
    if (language !== 'ts' && language !== 'typescript') {
      return []
    }
    const next = blocks[at + 1]
    const output = next?.flags.includes('output') === true ? next.code : undefined
    return [{ file, line, code, flags, output }]
  })
}

/** What stands in doc comments, each line at its number. */
function commentText(source: string): string {
  return source
    .split('\n')
    .map((line) => /^\s*\* ?(.*)$/.exec(line)?.[1] ?? '')
    .join('\n')
}

/** A block that imports is a whole program; `no-run` on its fence says that it only type-checks. */
export function isProgram({ code, flags }: Snippet): boolean {
  return /^import\s/m.test(code) && !flags.includes('no-run')
}

/** Type errors of all snippets, each with its page and line. Blocks see the packages' sources, as tests do. */
export function snippetFaults(all: Snippet[]): string[] {
  const sources = new Map(all.map((snippet) => [virtualName(snippet), snippet]))
  const options: ts.CompilerOptions = {
    ...baseOptions(),
    composite: false,
    incremental: false,
    noEmit: true,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    noUnusedLocals: false,
    skipLibCheck: true
  }
  const textOf = (name: string): string | undefined => {
    const snippet = sources.get(name)
    // a module even without imports: two pages may use the same names
    return snippet === undefined ? undefined : `${snippet.code}\nexport {}\n`
  }
  const disk = ts.createCompilerHost(options)
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => sources.has(name) || disk.fileExists(name),
    readFile: (name) => textOf(name) ?? disk.readFile(name),
    getSourceFile: (name, target, ...rest) => {
      const text = textOf(name)
      return text === undefined
        ? disk.getSourceFile(name, target, ...rest)
        : ts.createSourceFile(name, text, target, true)
    }
  }
  const program = ts.createProgram([...sources.keys()], options, host)
  return [...sources].flatMap(([name, snippet]) => {
    const source = program.getSourceFile(name)
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return found.map(({ messageText, start = 0 }) => {
      const line = (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1
      return `${snippet.file}:${snippet.line + line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
  })
}

/** Beside its page, so that imports resolve as they do for a reader of that package. */
function virtualName({ file, line }: Snippet): string {
  return join(ROOT, `${file}.${line}.snippet.mts`).replaceAll('\\', '/')
}

function baseOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.base.json'), (name) => ts.sys.readFile(name)) as {
    config: { compilerOptions: unknown }
  }
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT).options
}
