/**
 * `npm run release:dry` shows what a release would do: the next version from the commits since the last tag, its
 * changelog, and what each package would hold. `node tools/house/src/release.ts --publish` does it, in CI only: a release
 * is made from a clean clone whose checks have passed, never from somebody's folder.
 */
import { execFileSync } from 'node:child_process'
import { releaseChangelog, releasePublish, releaseVersion } from 'nx/release'
import { capture } from './capture.ts'
import { run } from './run.ts'
import { publishable, ROOT } from './workspace.ts'

const PACK_TIMEOUT_MS = 60_000

const real = process.argv.includes('--publish')
if (real && process.env['CI'] !== 'true') {
  console.error('A real release runs in CI only. Without --publish this is a dry run.')
  process.exit(2)
}

process.chdir(ROOT)
const dryRun = !real
const tags = execFileSync('git', ['tag', '--list', 'v*'], { encoding: 'utf8' }).trim()
const firstRelease = tags === ''

if ((await run('nx', ['run-many', '-t', 'build', '--outputStyle=static'])) !== 0) {
  process.exit(1)
}
const { workspaceVersion, projectsVersionData } = await releaseVersion({ dryRun, firstRelease })
// no commit since the last release asks for one
if (workspaceVersion === null || workspaceVersion === undefined) {
  console.log('Nothing to release.')
} else {
  await releaseChangelog({ dryRun, firstRelease, versionData: projectsVersionData, version: workspaceVersion })
  if (real) {
    const results = await releasePublish({ dryRun, firstRelease })
    process.exitCode = Object.values(results).every(({ code }) => code === 0) ? 0 : 1
  } else {
    console.log(`\nWould publish ${workspaceVersion} of`)
    for (const { folder, manifest } of publishable()) {
      const { stdout } = await capture('npm', ['pack', '--dry-run', '--json'], folder, PACK_TIMEOUT_MS)
      const [packed] = JSON.parse(stdout) as { size: number; files: { path: string }[] }[]
      const kilobytes = ((packed?.size ?? 0) / 1000).toFixed(1).padStart(6)
      const built = packed?.files.some(({ path }) => path.startsWith('dist/')) === true ? '' : '  (without dist!)'
      console.log(`  ${manifest.name.padEnd(24)} ${kilobytes} kB  ${packed?.files.length ?? 0} files${built}`)
    }
  }
}
