import { KeyedList, element, setText } from '../dom.js';
import { formatInteger, formatNumber, formatPercent, formatSigned } from '../format.js';
import type { MetricView } from '../protocol.js';

interface Fact {
  readonly name: string;
  readonly value: string;
  readonly detail: string;
}

/** The numbers that say how far a metric can be trusted. */
export function createFacts(parent: HTMLElement): (metric: MetricView) => void {
  const list = new KeyedList<Fact, HTMLDivElement>(
    parent,
    () => element('div', {}, element('dt'), element('dd', { class: 'fact' }), element('dd', { class: 'fact-detail' })),
    (item, { name, value, detail }) => {
      setText(item.querySelector('dt')!, name);
      setText(item.querySelector('.fact')!, value);
      setText(item.querySelector('.fact-detail')!, detail);
    },
  );
  return (metric) => list.render(factsOf(metric), ({ name }) => name);
}

function factsOf(metric: MetricView): readonly Fact[] {
  const at = metric.step === undefined ? '' : `at step ${formatInteger(metric.step)}`;
  return [
    { name: 'Reseed sd', value: formatNumber(metric.pooledSd), detail: intervalOf(metric) },
    { name: 'Median CV', value: formatPercent(metric.medianCv), detail: 'sd over seeds / |mean|' },
    { name: 'Detectable difference', value: formatNumber(metric.detectable['1']), detail: seedsOf(metric) },
    { name: 'Signal to noise', value: formatNumber(metric.snr), detail: at },
    { name: 'Resolved pairs', value: formatPercent(metric.resolvedPairs), detail: pairsOf(metric) },
    { name: 'Trend over training', value: formatSigned(metric.trend), detail: trendInWords(metric) },
  ];
}

function intervalOf({ pooledSdInterval: interval }: MetricView): string {
  if (interval === undefined) return '';
  return `95 %: ${formatNumber(interval[0])} to ${formatNumber(interval[1])}`;
}

function seedsOf({ detectable }: MetricView): string {
  const most = Object.keys(detectable)
    .map(Number)
    .sort((a, b) => b - a)
    .at(0);
  if (most === undefined || most === 1) return 'with one seed each';
  return `one seed; ${formatNumber(detectable[String(most)])} with ${String(most)}`;
}

function pairsOf({ resolvedPairs, runs }: MetricView): string {
  if (resolvedPairs === undefined || runs === undefined) return '';
  const pairs = (runs * (runs - 1)) / 2;
  return `${String(Math.round(resolvedPairs * pairs))} of ${String(pairs)}`;
}

/** Says what the sign means where the metric declares which way is better. */
export function trendInWords({ trend, direction }: MetricView): string {
  if (trend === undefined) return '';
  if (Math.abs(trend) < 0.3) return 'no clear direction';
  const way = trend > 0 ? 'rises' : 'falls';
  if (direction === undefined || direction === 'neither') return `${way} with training`;
  return trend > 0 === (direction === 'higher') ? `${way} with training: better` : `${way} with training: worse`;
}
