/*
 * What has to happen before the program can be loaded: a Node that is new enough, and a build. This file is plain
 * JavaScript that old versions of Node can read, so that they can say what is wrong instead of failing on syntax.
 * Every app has this same file in its bin (tools/house/src/manifests.ts keeps it so): a program cannot import what
 * might not be there, and apps do not import each other.
 */
import { existsSync } from 'fs'
import module from 'module'
import { constants, homedir } from 'os'
import { dirname, isAbsolute, join } from 'path'
import { pathToFileURL } from 'url'

/** js-libp2p 3 needs it. */
const REQUIRED = [22, 12]

/** Set for the process that a too old Node starts, so that it never happens twice. */
const RELAUNCHED = 'P2PSHARE_RELAUNCHED'

/** Whether `version` (`22.12.0`) is new enough. */
export function isSupported(version) {
  const parts = version.split('.').map(Number)
  return parts[0] > REQUIRED[0] || (parts[0] === REQUIRED[0] && parts[1] >= REQUIRED[1])
}

/** The nearest `node_modules/.bin/node` above `directory`: how this repository brings its own Node. */
export function findBundledNode(directory, exists) {
  for (let current = directory; ; current = dirname(current)) {
    const candidate = join(current, 'node_modules', '.bin', 'node')
    if (exists(candidate)) {
      return candidate
    }
    if (dirname(current) === current) {
      return undefined
    }
  }
}

/** What to tell someone whose Node is too old. */
export function oldNodeMessage(name, version) {
  return (
    name +
    ' needs Node.js ' +
    REQUIRED.join('.') +
    ' or newer; this is ' +
    version +
    '.\n' +
    '  try: install a newer one from https://nodejs.org (in the repository, npm ci brings one: npx ' +
    name +
    ')\n'
  )
}

/** What to tell someone who has not built the repository. */
export function notBuiltMessage(name) {
  return name + ' is not built yet.\n  try: npm run build (in the root of the repository)\n'
}

/**
 * Where compiled code is kept: a directory of this user alone, since whoever writes to it decides what runs. The
 * system's directory for temporary files, which is Node's own choice, is everybody's.
 */
export function codeDirectory(platform, env, home) {
  if (platform === 'win32') {
    return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'p2pshare', 'Cache', 'code')
  }
  if (platform === 'darwin') {
    return join(home, 'Library', 'Caches', 'p2pshare', 'code')
  }
  const base = env.XDG_CACHE_HOME
  return join(base && isAbsolute(base) ? base : join(home, '.cache'), 'p2pshare', 'code')
}

/** Keep compiled code for the next start. Where that cannot be, programs start slower and nobody needs to know. */
function keepCompiledCode() {
  try {
    module.enableCompileCache(codeDirectory(process.platform, process.env, homedir()))
  } catch (error) {
    // no home directory, or a Node without it
  }
}

/** Load the first of `entries` that is there, in a newer Node when this one is too old and the repository has one. */
export function launch(options) {
  const { name, script, entries } = options
  if (!isSupported(process.versions.node)) {
    const bundled = process.env[RELAUNCHED] ? undefined : findBundledNode(dirname(script), existsSync)
    if (bundled === undefined) {
      process.stderr.write(oldNodeMessage(name, process.versions.node))
      process.exitCode = 2
      return
    }
    relaunch(bundled, script)
    return
  }
  const entry = entries.find((path) => existsSync(path))
  if (entry === undefined) {
    process.stderr.write(notBuiltMessage(name))
    process.exitCode = 2
    return
  }
  if (process.env[RELAUNCHED] && process.connected) {
    // the process in front of us was killed: nobody can stop or read this one any more
    process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  }
  // kept from children: they are started with the right Node already
  delete process.env[RELAUNCHED]
  if (process.env.DEBUG) {
    // stacks that name the lines of the sources; reading the maps would make every other start slower
    process.setSourceMapsEnabled(true)
  }
  keepCompiledCode()
  import(pathToFileURL(entry).href)
}

async function relaunch(node, script) {
  // needed here only, and slow to load
  const { spawn } = await import('child_process')
  const child = spawn(node, [script].concat(process.argv.slice(2)), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: Object.assign({}, process.env, { [RELAUNCHED]: '1' })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal))
  }
  child.on('error', (error) => {
    process.stderr.write('cannot start ' + node + ': ' + error.message + '\n')
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exit(code === null ? 128 + (constants.signals[signal] || 0) : code)
  })
}
