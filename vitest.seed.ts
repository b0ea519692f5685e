import { configureGlobal } from 'fast-check'

/**
 * Generated inputs are the same in each run, so that a failure is of the change under test. Another seed by
 * `P2PSHARE_TEST_SEED=7 npm test`; a failure prints its own.
 */
configureGlobal({ seed: Number(process.env['P2PSHARE_TEST_SEED'] ?? 1) })
