import { expect, test } from 'vitest'
import { cliEvent } from '../src/json.ts'
import { createTestIo } from './helpers.ts'

const report = { code: 'ERR_X', message: 'it broke', advice: 'do that', exit: 5 }

test('results are all that reaches stdout', () => {
  const { io, stdout, stderr, advance } = createTestIo()
  io.note('hint')
  io.status(() => 'too soon')
  advance(1000)
  io.status(() => 'moving')
  io.result('result')
  io.warn('careful')
  io.error(report)
  expect(stdout.text).toBe('result\n')
  expect(stderr.text).toBe('hint\nmoving\nwarning  careful\nerror ERR_X  it broke\n  try: do that\n')
})

test('with --json everything is one object a line on stdout', () => {
  const { io, stdout, stderr } = createTestIo({ json: true })
  io.note('hint')
  io.status(() => 'moving')
  io.result('result')
  io.event(cliEvent('x', { n: 1 }))
  io.warn('careful')
  io.error(report)
  expect(stderr.text).toBe('')
  expect(
    stdout.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
  ).toEqual([
    { v: 1, type: 'x', n: 1 },
    { v: 1, type: 'warning', message: 'careful' },
    { v: 1, type: 'error', ...report }
  ])
})

test('without --json events say nothing', () => {
  const { io, stdout } = createTestIo()
  io.event(cliEvent('x', {}))
  expect(stdout.text).toBe('')
})

test('--quiet leaves results, warnings and errors', () => {
  const { io, stdout, stderr } = createTestIo({ quiet: true })
  io.note('hint')
  io.status(() => 'moving')
  io.result('result')
  io.warn('careful')
  io.error({ code: 'ERR_X', message: 'it broke', exit: 1 })
  expect(stdout.text).toBe('result\n')
  expect(stderr.text).toBe('warning  careful\nerror ERR_X  it broke\n')
})

test('a terminal has one progress line, which other lines push down', () => {
  const { io, stderr, stdout, advance } = createTestIo({ tty: true })
  io.status(() => '10%')
  io.status(() => 'too soon')
  advance(100)
  io.status((columns) => `20% of ${columns}`)
  io.note('hint')
  io.result('result')
  io.clearStatus()
  io.clearStatus()
  expect(stderr.text).toBe('\r\u001b[K10%\r\u001b[K20% of 80\r\u001b[Khint\n20% of 80\r\u001b[K20% of 80\r\u001b[K')
  expect(stdout.text).toBe('result\n')
})

test('a log gets a progress line after a second and then every five', () => {
  const { io, stderr, advance } = createTestIo()
  for (let second = 0; second <= 11; second += 1) {
    io.status((columns) => `${second} ${columns}`)
    advance(1000)
  }
  expect(stderr.text).toBe('1 undefined\n6 undefined\n11 undefined\n')
})

test('a name cannot play with the terminal, and reaches a pipe as it is', () => {
  const nasty = 'a\u001b[2Jb'
  const terminal = createTestIo({ tty: true })
  terminal.io.result(nasty)
  terminal.io.warn(nasty)
  terminal.io.error({ code: 'ERR_X', message: nasty, advice: nasty, exit: 1 })
  expect(terminal.stdout.text + terminal.stderr.text).not.toContain('\u001b[2J')
  const pipe = createTestIo()
  pipe.io.result(nasty)
  expect(pipe.stdout.text).toBe(`${nasty}\n`)
})

test('fields of a row are apart by tabs for a program, and to be read on a terminal', () => {
  const terminal = createTestIo({ tty: true })
  terminal.io.row(['peer', 'a\tb', '12 ms'])
  expect(terminal.stdout.text).toBe('peer  a\\x09b  12 ms\n')
  const pipe = createTestIo()
  pipe.io.row(['peer', 'direct', '12 ms'])
  expect(pipe.stdout.text).toBe('peer\tdirect\t12 ms\n')
})

test('a progress line never wraps, and is drawn again only when it is another one', () => {
  const { io, stderr, advance } = createTestIo({ tty: true })
  io.status(() => 'x'.repeat(200))
  advance(100)
  expect(io.status(() => 'x'.repeat(200))).toBe(true)
  expect(stderr.text).toBe(`\r\u001b[K${'x'.repeat(78)}…`)
})

test('a result inside a line to copy is alone on stdout, and once on a terminal', () => {
  const terminal = createTestIo({ tty: true })
  terminal.io.resultIn('  get ', 'ticket')
  expect([terminal.stdout.text, terminal.stderr.text]).toEqual(['ticket\n', '  get '])
  const pipe = createTestIo()
  pipe.io.resultIn('  get ', 'ticket')
  expect([pipe.stdout.text, pipe.stderr.text]).toEqual(['ticket\n', '  get ticket\n'])
  const quiet = createTestIo({ tty: true, quiet: true })
  quiet.io.resultIn('  get ', 'ticket')
  expect([quiet.stdout.text, quiet.stderr.text]).toEqual(['ticket\n', ''])
})

test('a result that is a secret is on stdout, and not in what may be a log', () => {
  const pipe = createTestIo()
  pipe.io.resultIn('  get ', 'ticket#secret', 'ticket#KEY')
  expect([pipe.stdout.text, pipe.stderr.text]).toEqual(['ticket#secret\n', '  get ticket#KEY\n'])
  const terminal = createTestIo({ tty: true })
  terminal.io.resultIn('  get ', 'ticket#secret', 'ticket#KEY')
  expect([terminal.stdout.text, terminal.stderr.text]).toEqual(['ticket#secret\n', '  get '])
})

test('what a terminal shows of Ctrl-C is taken away again', () => {
  const { io, stderr } = createTestIo({ tty: true })
  io.error({ code: 'ERR_STOPPED', message: 'interrupted', exit: 130, stopped: true })
  expect(stderr.text).toBe('\r\u001b[Kinterrupted\n')
})

test('somebody who stopped it is told how to go on, not that something failed', () => {
  const { io, stderr } = createTestIo()
  io.error({
    code: 'ERR_STOPPED',
    message: 'interrupted',
    command: 'p2pshare get x',
    exit: 130,
    stopped: true
  })
  expect(stderr.text).toBe('interrupted. To go on where it stopped:\n\n  p2pshare get x\n\n')
})

test('colours are there only when asked for', () => {
  const { io, stderr } = createTestIo({ color: true })
  io.error(report)
  expect(stderr.text).toContain('\u001b[31merror')
  expect(io.bold('x')).toBe('\u001b[1mx\u001b[22m')
  expect(createTestIo().io.bold('x')).toBe('x')
})

test('a screen takes the place of the one before, on stdout, until it is left', () => {
  const { io, stdout } = createTestIo({ tty: true })
  io.screen(() => ['one', 'two'])
  io.screen((columns, rows) => [`${columns} x ${rows}`])
  expect(stdout.text).toBe('\r\u001b[Jone\ntwo\n\u001b[2A\r\u001b[J80 x 24\n')
  stdout.text = ''
  io.leaveScreen()
  io.screen(() => ['below'])
  expect(stdout.text).toBe('\r\u001b[Jbelow\n')
})

test('a person looks at stdout when it is a terminal', () => {
  expect([createTestIo({ tty: true }).io.isTerminal, createTestIo().io.isTerminal]).toEqual([true, false])
})
