import { Command } from 'commander';
import { openBundle } from '../../bundle/open.js';
import type { Config } from '../../config/schema.js';
import { asDiscernError } from '../../errors.js';
import type { BackendName } from '../../kernels/backend.js';
import { chooseBackend, probeBackends } from '../../kernels/backends.js';
import { benchmark } from '../../kernels/benchmark.js';
import type { TopicFinding } from '../../log/kafka/settings.js';
import { TOPICS } from '../../../streams/topics.js';
import { configOf, withSettings } from '../context.js';
import { openLog } from '../open-log.js';
import { panelsOf, type PanelOptions, withPanels } from '../panels.js';

/** What was looked at, and what to do where it is not right. */
interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'failed';
  readonly detail: string;
  readonly fix?: string;
}

const MARKS = { ok: '✓', note: '–', failed: '✗' } as const;

export function doctorCommand(): Command {
  return withPanels(
    withSettings(
      new Command('doctor').description(
        'Says what is reachable: log, bundles, backends, with the fix for each failure.',
      ),
    ),
  ).action(async (options: PanelOptions, command: Command) => {
    const config = await configOf(command, panelsOf(options));
    const findings = [
      nodeFinding(),
      ...(await backendFindings(config)),
      ...(await logFindings(config)),
      ...(await bundleFindings(config)),
    ];
    for (const { what, state, detail, fix } of findings) {
      process.stdout.write(`${MARKS[state]} ${what}: ${detail}\n`);
      if (fix !== undefined) process.stdout.write(`    ${fix}\n`);
    }
    if (findings.some(({ state }) => state === 'failed')) process.exitCode = 1;
  });
}

function nodeFinding(): Finding {
  return { what: 'Node', state: 'ok', detail: `${process.version} on ${process.platform} ${process.arch}` };
}

async function backendFindings(config: Config): Promise<readonly Finding[]> {
  const forced = config.evaluate.backend;
  const probes = await probeBackends();
  const chosen = probes.find((probe) =>
    forced === 'auto' ? probe.available && probe.onlyWhenForced === undefined : probe.name === forced,
  );
  const measured = chosen?.available === true ? await measuredSpeed(chosen.name) : '';
  return probes.map((probe): Finding => {
    const what = `backend ${probe.name}${probe === chosen && probe.available ? ' (this one runs)' : ''}`;
    if (!probe.available)
      return { what, state: probe.name === forced ? 'failed' : 'note', detail: probe.reason, fix: probe.fix };
    const aside = probe.onlyWhenForced === undefined ? '' : `; not taken unless forced: ${probe.onlyWhenForced}`;
    return { what, state: 'ok', detail: `${probe.description}${aside}${probe === chosen ? measured : ''}` };
  });
}

/** A size at which every backend shows what it can do. */
const MEASURED = { dIn: 768, dSae: 16384, rows: 4096, budgetMs: 300 };

async function measuredSpeed(name: BackendName): Promise<string> {
  const backend = await chooseBackend(name);
  try {
    const { encodeGflops } = await benchmark(backend, MEASURED);
    const { dIn, dSae } = MEASURED;
    return `; encodes ${dIn}×${dSae} at ${Number(encodeGflops.toPrecision(2))} GFLOP/s (discern bench says more)`;
  } finally {
    await backend.close();
  }
}

async function logFindings(config: Config): Promise<readonly Finding[]> {
  const topics: Finding[] = [];
  try {
    const log = await openLog(config, { topic: (finding) => topics.push(topicFinding(finding)) });
    const ends = await Promise.all(
      TOPICS.map(async ({ name }) => {
        const records = [...(await log.end(name)).values()].reduce((sum, offset) => sum + offset, 0n);
        return `${name} ${records}`;
      }),
    );
    await log.close();
    const detail = `${log.description}; records so far: ${ends.join(', ')}`;
    return [{ what: 'log', state: 'ok', detail }, ...topics];
  } catch (error) {
    const { message, hint } = asDiscernError(error, 'LOG_UNAVAILABLE');
    const log: Finding = {
      what: 'log',
      state: 'failed',
      detail: message,
      ...(hint === undefined ? {} : { fix: hint }),
    };
    return [log, ...topics];
  }
}

function topicFinding({ topic, severity, what, fix }: TopicFinding): Finding {
  return { what: `topic ${topic}`, state: severity === 'wrong' ? 'failed' : 'note', detail: what, fix };
}

async function bundleFindings(config: Config): Promise<readonly Finding[]> {
  const panels = Object.entries(config.panels);
  if (panels.length === 0)
    return [
      {
        what: 'panels',
        state: 'note',
        detail: 'none configured',
        fix: 'Give --panel <name>=<bundle folder>, or name them in discern.yaml.',
      },
    ];
  return Promise.all(
    panels.map(async ([panel, { bundle: dir }]): Promise<Finding> => {
      const what = `panel ${panel}`;
      try {
        const bundle = await openBundle(dir);
        const detail = `${bundle.name}: ${bundle.model} ${bundle.hook}, d_in ${bundle.dIn}, ${bundle.corpus.rows} corpus rows, ${bundle.tasks.length} tasks`;
        return { what, state: 'ok', detail };
      } catch (error) {
        const { message, hint } = asDiscernError(error, 'BUNDLE_INVALID');
        return { what, state: 'failed', detail: message, ...(hint === undefined ? {} : { fix: hint }) };
      }
    }),
  );
}
