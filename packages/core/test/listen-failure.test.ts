import { expect, test } from 'vitest'
import { listenFailure } from '../src/listen-failure.ts'

test('each address that failed is named with its reason, and no stack', () => {
  const text = [
    'Some configured addresses failed to be listened on, you may need to remove one or more listen addresses:',
    '',
    '  /ip4/127.0.0.1/tcp/7: ListenFailedError: cannot listen on /ip4/127.0.0.1/tcp/7: listen EADDRINUSE',
    '      at TcpListener.listen (file:///x.js:5:1)',
    '',
    '  /memory/a: TypeError: taken',
    '      at async Promise.allSettled (index 0)',
    ''
  ].join('\n')
  expect(listenFailure(text)).toBe(
    'cannot listen on /ip4/127.0.0.1/tcp/7: listen EADDRINUSE; cannot listen on /memory/a: taken'
  )
})

test('a text of another form says nothing', () => {
  expect(listenFailure('no')).toBeUndefined()
})
