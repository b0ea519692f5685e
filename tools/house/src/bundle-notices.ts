import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './workspace.ts'

/** What the licence of a bundled package asks to be passed on. */
export interface Notice {
  name: string
  version: string
  licence: string
  /** Whole text of its licence files; `undefined` where it ships none. */
  text: string | undefined
}

/** The standard texts, for packages that name a licence but ship no text of it. */
const STANDARD_TEXTS = ['LICENSE-MIT', 'LICENSE-APACHE']

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)/i

/** Folders of the packages of others that these modules are of. */
export function packageFolders(modules: readonly string[]): string[] {
  const folders = modules.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
  return [...new Set(folders.filter((found) => found !== undefined))].sort()
}

export async function readNotice(folder: string): Promise<Notice> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Partial<Notice> & {
    license?: unknown
  }
  const { name = folder, version = '', license } = manifest
  if (typeof license !== 'string' || license === '') {
    throw new Error(`${name} names no licence in its package.json: it must not be bundled`)
  }
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort()
  const texts = await Promise.all(files.map(async (file) => readFile(join(folder, file), 'utf8')))
  return { name, version, licence: license, text: texts.length === 0 ? undefined : texts.join('\n\n').trim() }
}

/** One page: every package under the text of its licence, each text once. */
export async function noticesText(notices: readonly Notice[]): Promise<string> {
  const byText = Map.groupBy(notices, ({ text }) => text)
  const withText = [...byText].filter(([text]) => text !== undefined)
  const without = byText.get(undefined) ?? []
  const sections = withText.map(([text, of]) => `${heading(of)}\n\n${text ?? ''}`)
  if (without.length > 0) {
    const standard = await Promise.all(STANDARD_TEXTS.map(async (file) => readFile(join(ROOT, file), 'utf8')))
    const lead = 'These ship no text of the licence that they name; the texts it stands for follow.'
    sections.push(`${heading(without)}\n\n${lead}\n\n${standard.map((text) => text.trim()).join('\n\n')}`)
  }
  return `Packages that are part of the files in this folder, with their licences.\n\n${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

function heading(notices: readonly Notice[]): string {
  return notices.map(({ name, version, licence }) => `${name} ${version} (${licence})`).join('\n')
}
