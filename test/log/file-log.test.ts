import t from 'tap'
import { FileLog, openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem } from '../../src/log/file-system.ts'
import { logConformance } from './conformance.ts'

logConformance(t, 'file log', async (t) =>
  FileLog.open({ directory: `${t.testdir()}/journal`, openWriter: openInlineWriter(nodeFileSystem) }),
)

logConformance(t, 'file log in small segments', async (t) =>
  FileLog.open({
    directory: `${t.testdir()}/journal`,
    segmentSize: 300,
    openWriter: openInlineWriter(nodeFileSystem),
  }),
)
