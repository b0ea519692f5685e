// The root CID of a file, by @p2pshare/transfer with so many hashing threads beside the main one.
import { importId } from '@p2pshare/transfer'
import type { ImportJob } from './import-job.ts'
import { done, go, job } from './stage.ts'

const { path, workers } = job() as ImportJob
go()
done({ root: (await importId(path, { workers })).toString() })
