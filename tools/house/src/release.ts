/**
 * `npm run release:dry` shows what a release would do: the next version from the commits since the last tag, its
 * changelog, and what would be published. `node tools/house/src/release.ts --publish` does it, in CI only: a release is
 * made from a clean clone whose checks have passed, never from somebody's folder.
 */
import { execFileSync } from 'node:child_process'
import { releaseChangelog, releasePublish, releaseVersion } from 'nx/release'
import { ROOT } from './workspace.ts'

const real = process.argv.includes('--publish')
if (real && process.env['CI'] !== 'true') {
  console.error('A real release runs in CI only. Without --publish this is a dry run.')
  process.exit(2)
}

process.chdir(ROOT)
const dryRun = !real
const tags = execFileSync('git', ['tag', '--list', 'v*'], { encoding: 'utf8' }).trim()
const firstRelease = tags === ''

const { workspaceVersion, projectsVersionData } = await releaseVersion({ dryRun, firstRelease })
// no commit since the last release asks for one
if (workspaceVersion === null || workspaceVersion === undefined) {
  console.log('Nothing to release.')
} else {
  await releaseChangelog({ dryRun, firstRelease, versionData: projectsVersionData, version: workspaceVersion })
  const results = await releasePublish({ dryRun, firstRelease })
  process.exitCode = Object.values(results).every(({ code }) => code === 0) ? 0 : 1
}
