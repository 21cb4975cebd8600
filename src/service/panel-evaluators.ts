import { openBundle } from '../bundle/open.js';
import type { Config } from '../config/schema.js';
import { DiscernError } from '../errors.js';
import { Evaluator } from '../evaluation/evaluator.js';
import type { EvaluationThreads } from '../evaluation/threads.js';
import { resolveMetrics } from '../metrics/index.js';
import type { Logger } from '../telemetry/logger.js';

/** The evaluators of the configured panels. */
export class PanelEvaluators {
  private constructor(private readonly evaluators: ReadonlyMap<string, Evaluator>) {}

  /**
   * Opens the bundles of all panels, so that a wrong path is told at the start and not with the first checkpoint.
   *
   * @throws DiscernError BUNDLE_INVALID, BUNDLE_EMPTY, METRIC_UNKNOWN, METRIC_UNSUPPORTED
   */
  static async open(config: Config, threads: EvaluationThreads, logger: Logger): Promise<PanelEvaluators> {
    const limits = { maxBytes: config.weights.maxBytes };
    const { cache } = config.evaluate;
    const warn = (message: string): void => logger.warn(message);
    const opened = Object.entries(config.panels).map(async ([name, panel]) => {
      const metrics = resolveMetrics(panel.metrics);
      const bundle = await openBundle(panel.bundle);
      return [name, new Evaluator({ threads, bundle, metrics, seeds: panel.seeds, limits, cache, warn })] as const;
    });
    return new PanelEvaluators(new Map(await Promise.all(opened)));
  }

  get names(): readonly string[] {
    return [...this.evaluators.keys()];
  }

  /** @throws DiscernError PANEL_UNKNOWN */
  of(panel: string): Evaluator {
    const evaluator = this.evaluators.get(panel);
    if (evaluator !== undefined) return evaluator;
    throw new DiscernError('PANEL_UNKNOWN', `panel ${panel} is not configured; configured: ${this.names.join(', ')}`, {
      hint: 'Add it with its bundle to panels in discern.yaml (or --panel), and publish the checkpoint again.',
    });
  }
}
