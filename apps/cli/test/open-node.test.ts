import { expect, test } from 'vitest'
import { daemonEnv } from '../src/commands/daemon.ts'
import { toNodeOptions } from '../src/open-node.ts'

const options = { json: false, quiet: false, mdns: true, home: '/h', limitUp: 4096, limitDown: 2048 }

test('limits become those of the node', () => {
  expect(toNodeOptions(options)).toEqual({
    home: '/h',
    mdns: true,
    uploadBytesPerSecond: 4096,
    downloadBytesPerSecond: 2048
  })
})

test('limits become those of the daemon', () => {
  expect(daemonEnv(options)).toEqual({
    P2PSHARE_SERVER_HOME: '/h',
    P2PSHARE_SERVER_LIMITS_UPLOAD_BYTES_PER_SECOND: '4096',
    P2PSHARE_SERVER_LIMITS_DOWNLOAD_BYTES_PER_SECOND: '2048'
  })
})
