import { expect, test } from 'vitest'
import { envNames } from '../../src/config/env.ts'

test('each key has one variable', () => {
  expect([...envNames().keys()]).toEqual([
    'P2PSHARE_SERVER_HOME',
    'P2PSHARE_SERVER_LISTEN',
    'P2PSHARE_SERVER_ANNOUNCE',
    'P2PSHARE_SERVER_BOOTSTRAP',
    'P2PSHARE_SERVER_MDNS',
    'P2PSHARE_SERVER_HTTP_HOST',
    'P2PSHARE_SERVER_HTTP_PORT',
    'P2PSHARE_SERVER_HTTP_ALLOW_REMOTE',
    'P2PSHARE_SERVER_HTTP_ALLOWED_HOSTS',
    'P2PSHARE_SERVER_RELAY_ENABLED',
    'P2PSHARE_SERVER_SHARES',
    'P2PSHARE_SERVER_LOG_LEVEL'
  ])
})
