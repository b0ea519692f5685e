import { mkdir, readFile, writeFile } from 'node:fs/promises'

/** Inputs that a codec said something new to, and those it once did not bear, as hex. */
interface CorpusFile {
  readonly codec: string
  readonly inputs: readonly string[]
}

/** Longer ones are made again from their seed. */
const MAX_KEPT_BYTES = 2048

/** The kept inputs of a codec; none for a new one. */
export async function readCorpus(codec: string): Promise<Uint8Array[]> {
  try {
    const { inputs } = JSON.parse(await readFile(fileOf(codec), 'utf8')) as CorpusFile
    return inputs.map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return []
    }
    throw error
  }
}

/** Keep more inputs of a codec; those that are there stay first. */
export async function addToCorpus(codec: string, found: Iterable<Uint8Array>): Promise<void> {
  const inputs = new Set((await readCorpus(codec)).map(toHex))
  for (const input of found) {
    if (input.byteLength <= MAX_KEPT_BYTES) {
      inputs.add(toHex(input))
    }
  }
  const file: CorpusFile = { codec, inputs: [...inputs] }
  await mkdir(new URL('.', fileOf(codec)), { recursive: true })
  await writeFile(fileOf(codec), `${JSON.stringify(file, undefined, 2)}\n`)
}

function fileOf(codec: string): URL {
  return new URL(`../../corpus/${codec}.json`, import.meta.url)
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
