import { fetchDetails } from './connection.js';
import { byId, setText } from './dom.js';
import { metricTitle } from './format.js';
import { InFrames } from './in-frames.js';
import { inputWaits } from './input-waits.js';
import { keepLast } from './keep-last.js';
import type { Spread, XAxis } from './plots/align.js';
import type { MetricDetails, MetricView, Overview, PanelView, RunView } from './protocol.js';
import { RUN_COLORS, runStyles } from './run-styles.js';
import { byRun, formatHash, parseHash, selectedMetric, selectedPanel } from './selection.js';
import { DARK, createPalette } from './theme.js';
import { createContradictionList } from './views/contradictions.js';
import { connectExports } from './views/exports.js';
import { createFacts } from './views/facts.js';
import { createDeadLetterFeed, createEventFeed } from './views/feeds.js';
import { Figures, type FigureInput } from './views/figures.js';
import { createMetricPicker } from './views/metric-picker.js';
import { createPanelList } from './views/panels.js';
import { createRelations } from './views/relations.js';
import { RunList } from './views/runs.js';
import { createSummary } from './views/summary.js';
import { Tip } from './views/tip.js';
import { TrustTable } from './views/trust-table.js';

/** Holds what is shown and draws it: a little each frame, however much changes and how often. */
export class App {
  private overview: Overview | undefined;
  private details: MetricDetails | undefined;
  private wanted = '';
  private pointed: string | undefined;
  private pinned: string | undefined;
  private readonly drawing = new InFrames(() => this.draw(), requestAnimationFrame.bind(globalThis), inputWaits);

  private readonly xAxis = byId('x-axis') as HTMLSelectElement;
  private readonly spread = byId('spread') as HTMLSelectElement;
  private readonly noiseKind = byId('noise-kind') as HTMLSelectElement;
  private readonly select = byId('metric-select') as HTMLSelectElement;

  private readonly renderPanels = createPanelList(byId('panels'));
  private readonly renderFacts = createFacts(byId('facts'));
  private readonly renderSummary = createSummary();
  private readonly renderRelations = createRelations();
  private readonly renderContradictions = createContradictionList();
  private readonly renderPicker = createMetricPicker(this.select);
  private readonly renderEvents = createEventFeed(byId('events'));
  private readonly renderLetters = createDeadLetterFeed(byId('letters'));
  private readonly table = new TrustTable(
    byId('trust') as HTMLTableElement,
    byId('filter') as HTMLInputElement,
    byId('trust-count'),
    new Tip(),
    () => this.drawing.request(),
  );
  private readonly runs = new RunList(
    byId('runs'),
    (run) => this.point(run),
    (run) => this.pin(run),
  );
  private readonly stylesOf = keepLast(runStyles);
  private readonly inOrder = keepLast((runs: readonly RunView[]) => [...runs].sort(byRun));
  private readonly colors = createPalette(RUN_COLORS);
  private figures: Figures | undefined;
  private drawn: FigureInput | undefined;

  constructor() {
    for (const type of ['pointerdown', 'click', 'keydown', 'input'])
      addEventListener(type, () => this.drawing.holdBack(), { capture: true, passive: true });
    for (const control of [this.xAxis, this.spread, this.noiseKind])
      control.addEventListener('change', () => this.schedule());
    this.select.addEventListener('change', () => this.choose(this.select.value));
    addEventListener('hashchange', () => this.schedule());
    addEventListener('resize', () => this.schedule());
    DARK.addEventListener('change', () => this.schedule());
    connectExports(
      () => this.drawn,
      (drawn) => this.figures?.picture(drawn),
    );
    // Ages of checkpoints grow while nothing arrives.
    setInterval(() => this.drawing.request(), 5000);
  }

  show(overview: Overview): void {
    this.overview = overview;
    this.drawing.request();
  }

  /** Draws what a person asked for with the next frame. */
  schedule(): void {
    this.drawing.answer();
  }

  private choose(metric: string): void {
    const panel = this.overview === undefined ? undefined : selectedPanel(this.overview, parseHash(location.hash));
    location.hash = formatHash({ panel: panel?.name, metric });
  }

  private point(run: string | undefined): void {
    this.pointed = run;
    this.schedule();
  }

  private pin(run: string): void {
    this.pinned = this.pinned === run ? undefined : run;
    this.schedule();
  }

  /** What a person acts upon comes first. */
  private *draw(): Generator {
    if (this.overview === undefined) return;
    const selection = parseHash(location.hash);
    const panel = selectedPanel(this.overview, selection);
    const metric = selectedMetric(panel, selection);
    drawEmpty(panel, metric);
    byId('content').hidden = metric === undefined;
    this.figures?.measure();
    this.drawRuns(panel);
    yield this.renderPanels(this.overview.panels.map((view) => ({ view, selected: view === panel })));
    if (panel !== undefined && metric !== undefined) yield* this.drawMetric(panel, metric);
    this.drawFeeds(this.overview);
  }

  private drawFeeds({ events, deadLetters }: Overview): void {
    this.renderEvents(events);
    this.renderLetters(deadLetters);
    byId('no-events').hidden = events.length > 0;
    byId('no-letters').hidden = deadLetters.length > 0;
  }

  private drawRuns(panel: PanelView | undefined): void {
    const runs = panel?.runs ?? [];
    const styles = this.stylesOf(runs);
    this.runs.render(
      this.inOrder(runs).map((view) => ({ view, style: styles.get(view.run)!, pinned: view.run === this.pinned })),
    );
  }

  private *drawMetric(panel: PanelView, metric: MetricView): Generator {
    setText(byId('metric-title'), metricTitle(metric));
    setText(byId('metric-description'), metric.description ?? '');
    document.title = `${metricTitle(metric)} · ${panel.name} · Discern`;
    this.renderPicker(panel.metrics, metric.key);
    this.renderSummary(metric);
    yield this.renderFacts(metric);
    this.request(panel, metric);
    if (this.details?.panel === panel.name && this.details.key === metric.key)
      yield* this.drawFigures(panel, metric, this.details);
    yield* this.table.render(panel.name, panel.metrics, metric.key);
    yield this.renderContradictions(panel);
  }

  private *drawFigures(panel: PanelView, metric: MetricView, details: MetricDetails): Generator {
    this.figures ??= new Figures();
    const focus = [this.pointed, this.pinned].find((run) => panel.runs.some((view) => view.run === run));
    this.drawn = {
      metric,
      details,
      styles: this.stylesOf(panel.runs),
      colors: this.colors(),
      x: this.xAxis.value as XAxis,
      spread: this.spread.value as Spread,
      noise: this.noiseKind.value === 'cv' ? 'cv' : 'sd',
      focus,
    };
    yield* this.figures.render(this.drawn);
    yield this.renderRelations(details);
  }

  /** Asks for the curves once a revision; what is shown stays until they are there. */
  private request(panel: PanelView, metric: MetricView): void {
    const wanted = JSON.stringify([panel.name, metric.key, metric.revision]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    void fetchDetails(panel.name, metric).then((details) => {
      if (details === undefined || wanted !== this.wanted) return;
      this.details = details;
      this.drawing.request();
    });
  }
}

/** What is still to come where there is nothing to see. */
function drawEmpty(panel: PanelView | undefined, metric: MetricView | undefined): void {
  byId('empty').hidden = metric !== undefined;
  const waiting = panel !== undefined && panel.runs.length > 0;
  byId('empty-command').hidden = waiting;
  setText(byId('empty-title'), waiting ? 'The first checkpoint is being evaluated' : 'No checkpoint has arrived yet');
  const attach = 'Attach to a training run, and its scores appear here as its checkpoints are written:';
  setText(byId('empty-text'), waiting ? 'Its scores appear here as soon as they are stored.' : attach);
}
