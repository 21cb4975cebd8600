import { join } from 'node:path';
import { openEmbeddedLog } from '../../../src/log/embedded.js';
import type { Log } from '../../../src/log/log.js';
import { describeLog, settingsOf } from './conformance.js';
import { inTemporaryFolder } from './temporary.js';

describeLog('the embedded log', (test) =>
  inTemporaryFolder(async (parent) => {
    const topics = { events: 'events', latest: 'latest', group: 'g' };
    const logs: Log[] = [];
    const open = async (): Promise<Log> => {
      const log = await openEmbeddedLog(join(parent, 'log.v1'), { pollMs: 20 });
      logs.push(log);
      await log.ensureTopics(settingsOf(topics));
      return log;
    };
    try {
      await test({ log: await open(), ...topics }, open);
    } finally {
      for (const log of logs) await log.close();
    }
  }),
);
