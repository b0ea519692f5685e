import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { fileURLToPath } from 'node:url'
import { bundled } from './bundled.ts'
import type { Program } from './report.ts'
import type { Command } from './running.ts'

/** Debian's interpreter, which python3-libtorrent belongs to: another one may come first on PATH. */
const PYTHON = '/usr/bin/python3'

/** A program that is measured. */
export interface Peer {
  readonly name: string
  /** What runs, in words, for the tables. */
  readonly what: string
  /** How it is installed when it is not there. */
  readonly install: string
  /** `undefined` when it is not installed. */
  version(): string | undefined
  command(job: object): Command
  /** Peers meet by a tracker and by nothing else. */
  readonly tracker?: boolean
}

/** The programs that take a `Job` (src/peers/README.md). */
export const PEERS: Readonly<Record<string, Peer>> = Object.fromEntries(
  [
    bundledPeer('p2pshare', 'createNode() of @p2pshare/core, its defaults: TLS 1.3, bundled', '@p2pshare/core'),
    nodePeer('limit', 'one Node TLS connection, direct read, SHA-256 and disk in a worker'),
    bundledPeer('libp2p', 'js-libp2p, tcp + noise + yamux, one stream, SHA-256, disk, bundled', 'libp2p'),
    {
      ...nodePeer('aria2', 'aria2c, plaintext BitTorrent'),
      install: 'apt-get install aria2',
      version: () => outputOf('aria2c', ['--version'])?.split(' ')[2],
      tracker: true
    },
    {
      name: 'libtorrent',
      what: 'libtorrent-rasterbar, plaintext BitTorrent over TCP',
      install: 'apt-get install python3-libtorrent',
      version: () => outputOf(PYTHON, ['-c', 'import libtorrent; print(libtorrent.version)']),
      command: (job: object) => ({ program: PYTHON, args: [source('peers/libtorrent-peer.py'), JSON.stringify(job)] })
    },
    outsidePeer('webtorrent', 'WebTorrent on Node, plaintext BitTorrent over TCP'),
    outsidePeer('helia', 'Helia, Bitswap over tcp + noise + yamux')
  ].map((peer: Peer) => [peer.name, peer])
)

/** A file below src/. */
export function source(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url))
}

/** A file of a peer outside of the workspace. */
export function outside(path: string): string {
  return fileURLToPath(new URL(`../../peers/${path}`, import.meta.url))
}

/** A Node program and its job. */
export function nodeCommand(script: string, job: object): Command {
  return { program: process.execPath, args: ['--disable-warning=ExperimentalWarning', script, JSON.stringify(job)] }
}

/** The peers that are installed, and the others with the way to install them. */
export function installed(names: readonly string[]): { peers: Peer[]; leftOut: LeftOut[] } {
  const all = names.map((name) => PEERS[name]).filter((peer) => peer !== undefined)
  return {
    peers: all.filter((peer) => peer.version() !== undefined),
    leftOut: all
      .filter((peer) => peer.version() === undefined)
      .map(({ name, install }) => ({ peer: name, why: `not installed: ${install}` }))
  }
}

/** Versions and descriptions for a report. */
export function describe(peers: readonly Peer[]): Readonly<Record<string, Program>> {
  return Object.fromEntries(peers.map((peer) => [peer.name, { version: peer.version() ?? '', what: peer.what }]))
}

/** A program that did not run. */
export interface LeftOut {
  readonly peer: string
  readonly why: string
}

/** Version of a package that this one, or the one at `from`, depends on. */
export function packageVersion(name: string, from: string = import.meta.url): string | undefined {
  try {
    const manifest = findPackageJSON(name, from)
    return manifest === undefined
      ? undefined
      : (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
  } catch {
    return undefined
  }
}

function nodePeer(name: string, what: string, packageName?: string): Peer {
  return {
    name,
    what,
    install: 'npm ci',
    version: () => (packageName === undefined ? process.versions.node : packageVersion(packageName)),
    command: (job) => nodeCommand(source(`peers/${name}.ts`), job)
  }
}

/** A Node program with many modules, as it would be shipped. */
function bundledPeer(name: string, what: string, packageName: string): Peer {
  return { ...nodePeer(name, what, packageName), command: (job) => nodeCommand(bundled(`peers/${name}.ts`), job) }
}

function outsidePeer(name: string, what: string): Peer {
  const script = outside(`${name}/peer.js`)
  return {
    name,
    what,
    install: 'npm run bench:peers',
    version: () => packageVersion(name, `file://${script}`),
    command: (job) => nodeCommand(script, job)
  }
}

function outputOf(program: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? (stdout.split('\n')[0] ?? '').trim() : undefined
}
