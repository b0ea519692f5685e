import nx from '@nx/eslint-plugin'
import { defineConfig, globalIgnores } from 'eslint/config'
import jsdoc from 'eslint-plugin-jsdoc'
import tseslint from 'typescript-eslint'

/**
 * State machines: `(state, event, now, random) => state + effects`. Time, randomness and the outside world are passed
 * in, so that the shipped code runs in a simulator too. A file that decides belongs in this list.
 */
const PURE_FILES = [
  'packages/core/src/dial-gate/{judge,route,special-ranges}.ts',
  'packages/dht/src/{rules/**/*,table/nearest,provide/{announce-schedule,due-queue}}.ts',
  'packages/gossip/src/{convergence,token-bucket}.ts',
  'packages/gossip/src/links/{dial-outcome,frame-reader,peer-meter}.ts',
  'packages/gossip/src/membership/**/*.ts',
  'packages/gossip/src/topics/{pace,rate,reputation,share-peers}.ts',
  'packages/nat/src/{dial/{address-sorter,black-hole,plan-dials},paths/{better-link,choose-path,path-state,step-path}}.ts',
  'packages/nat/src/prober/{classify,clock,double-nat,findings,plan,pool,remote-host,report}.ts',
  'packages/nat/src/punch/{attempt-log,back-off,budget,describe,goes-first,label,paths,plan,ports}.ts',
  'packages/nat/src/reachability/{own-address,verdict,dial-back/token-bucket}.ts',
  'packages/nat/src/relay/{relay-quota,relay-state,select-relays}.ts',
  'packages/nat/src/stun/{answer,message,rate-limiter}.ts',
  'packages/testkit/src/{timer-heap,topology}.ts',
  'packages/testkit/src/faults/{plan,steps}.ts',
  'packages/transfer/src/rate/{rate-tree,token-bucket}.ts',
  'packages/transfer/src/share/{lane-pace,scrub-order}.ts',
  'packages/transfer/src/{give-up,name-rules,stall/{stall-cause,stall-watch},store/patience}.ts',
  'packages/transfer/src/swarm/**/*.ts',
  'packages/transfer/src/{entry-list,glob,glob-automaton,leaf-map,leaf-table,needed-nodes,select,ticket-payload}.ts',
  'packages/transport-udx/src/{early-packets,ids,retained}.ts',
  'packages/transport-udx/src/handshake/{accepted,admission,limits,origin,token-bucket}.ts',
  'packages/transport-udx/src/{path/{challenges,liveness},wire/{handshake,magic,preface}}.ts'
]

const TEST_FILES = ['**/test/**/*.ts', '**/bench/**/*.ts', '**/vitest.config.ts']

/** Arrows point down only (docs/ARCHITECTURE.md). A tag that is not named here can be imported by nobody. */
const ARROWS = {
  'type:app': ['type:core', 'type:interface'],
  'type:core': ['type:service', 'type:interface'],
  'type:service': ['type:interface'],
  'type:interface': [],
  'type:testkit': ['type:interface'],
  'type:tool': ['type:app', 'type:core', 'type:service', 'type:interface', 'type:testkit', 'type:tool'],
  'type:example': ['type:app', 'type:core', 'type:service', 'type:interface', 'type:testkit']
}

const boundaries = ({ extraTags = [], allow = [] } = {}) => [
  'error',
  {
    enforceBuildableLibDependency: false,
    allow,
    depConstraints: Object.entries(ARROWS).map(([sourceTag, allowed]) => ({
      sourceTag,
      onlyDependOnLibsWithTags: [...new Set([...allowed, ...extraTags])]
    }))
  }
]

const shape = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name: it is found by search and renamed by tools.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals or an `as const` object.' },
  { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'Use a module.' },
  {
    selector: ':matches(PropertyDefinition, MethodDefinition[kind!="constructor"])[accessibility="private"]',
    message: 'Use a #private field: it is private at run time too.'
  },
  {
    selector: 'CallExpression[callee.object.name="AbortSignal"][callee.property.name="any"]',
    message: 'Use any-signal and clear() it: AbortSignal.any keeps references while a long-lived source lives.'
  }
]

const typedErrors = {
  selector: 'NewExpression[callee.name=/^(Error|TypeError|RangeError|AggregateError)$/]',
  message: 'Throw a class of errors.ts with name, code and fault: callers cannot handle text.'
}

const noOutsideWorld = [
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'process',
  'crypto',
  'console'
].map((name) => ({ name, message: 'A state machine is pure: pass time, randomness and effects in.' }))

export default defineConfig([
  globalIgnores([
    '**/dist',
    '**/out-tsc',
    '**/coverage',
    '**/test-results',
    '**/wire/{messages,membership,topics,stored,names}.ts',
    '**/fixtures',
    'docs/api',
    '.nx',
    'tmp'
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },

  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(),
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // a template with a number in it is plain
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `while (true)` reads better than `for (;;)`
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' }
      ],
      '@typescript-eslint/array-type': 'off',
      // a one-line callback that calls something is no puzzle
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `void | Promise<void>` is what a hook may return
      '@typescript-eslint/no-invalid-void-type': 'off',
      // async functions are how an interface that returns promises is kept
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' }
      ],
      'max-lines': ['error', { max: 500 }],
      'no-restricted-syntax': ['error', ...shape],
      eqeqeq: ['error', 'smart'],
      'no-console': 'error'
    }
  },

  {
    files: ['{packages,apps}/*/src/**/*.ts'],
    plugins: { jsdoc },
    settings: { jsdoc: { mode: 'typescript' } },
    rules: {
      'no-restricted-syntax': ['error', ...shape, typedErrors],
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          enableFixer: false,
          require: { ClassDeclaration: true, FunctionDeclaration: true }
        }
      ],
      'jsdoc/check-tag-names': ['error', { definedTags: ['packageDocumentation', 'defaultValue'] }],
      'jsdoc/check-alignment': 'error',
      'jsdoc/no-types': 'error',
      'jsdoc/check-param-names': ['error', { disableMissingParamChecks: true }],
      'jsdoc/empty-tags': 'error'
    }
  },

  {
    // a runner's functions and a suite's hooks are handed around by name
    files: ['packages/testkit/src/**/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' }
  },
  {
    // what users read: types too
    files: ['packages/interface/src/**/*.ts', '{packages,apps}/*/src/{index,options,types}.ts'],
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          enableFixer: false,
          require: { ClassDeclaration: true, FunctionDeclaration: true },
          contexts: [
            'ExportNamedDeclaration > TSInterfaceDeclaration',
            'ExportNamedDeclaration > TSTypeAliasDeclaration'
          ]
        }
      ]
    }
  },

  {
    files: PURE_FILES,
    rules: {
      'no-restricted-globals': ['error', ...noOutsideWorld],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'A state machine is pure: pass a random source in.' },
        { object: 'globalThis', message: 'A state machine is pure.' }
      ],
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^node:', message: 'A state machine is pure: no files, sockets or timers.' }] }
      ]
    }
  },

  {
    files: ['{packages,apps}/*/{test,bench}/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries({ extraTags: ['type:testkit'] }) }
  },
  {
    // tests build half of a thing on purpose, and matchers such as expect.any() have no type
    files: TEST_FILES,
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off'
    }
  },
  {
    // they talk to a developer
    files: [...TEST_FILES, 'tools/**/*.ts', 'examples/**/*.ts'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off'
    }
  },
  {
    files: ['**/*.config.ts', 'vitest.base.ts'],
    rules: {
      'no-restricted-syntax': 'off',
      '@nx/enforce-module-boundaries': boundaries({ allow: ['../../vitest.base.ts'] })
    }
  }
])
