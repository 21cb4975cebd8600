import { KeyedList, byId, element, setText } from '../dom.js';
import { formatInteger, formatSigned } from '../format.js';
import { keepLast } from '../keep-last.js';
import { counted } from '../lenses.js';
import type { AgreementView, CorrelationView, MetricDetails, ValidityView } from '../protocol.js';
import { formatHash } from '../selection.js';

/** How the chosen metric ranks the runs: against the ground truth, where it is known, and against the other metrics. */
export function createRelations(): (details: MetricDetails) => void {
  const truths = new KeyedList<ValidityView, HTMLLIElement>(byId('validity'), createTruth, updateTruth);
  const others = new KeyedList<readonly [string, AgreementView], HTMLLIElement>(
    byId('agreement'),
    createOther,
    updateOther,
  );
  return keepLast(({ panel, validity, agreement }: MetricDetails) => {
    truths.render(validity, ({ reference }) => reference);
    others.render(
      agreement.map((view) => [panel, view] as const),
      ([, { other }]) => `${panel}\n${other}`,
    );
    byId('no-validity').hidden = validity.length > 0;
    byId('no-agreement').hidden = agreement.length > 0;
  });
}

function createTruth({ reference }: ValidityView): HTMLLIElement {
  const lines = ['current', 'all'].map((name) => element('span', { class: `truth-${name}` }));
  return element('li', {}, element('b', {}, reference), ...lines);
}

function updateTruth(item: HTMLLIElement, { all, current }: ValidityView): void {
  const now =
    current === undefined ? '' : `${rho(current, 'run')} across the runs at step ${formatInteger(current.step)}`;
  setText(item.querySelector('.truth-current')!, now);
  setText(item.querySelector('.truth-all')!, `${rho(all, 'checkpoint')} over all checkpoints`);
}

/** `ρ +0.80 (95 %: +0.31 to +0.97, 7 runs)` */
function rho({ n, spearman, interval }: CorrelationView, noun: string): string {
  const range = interval === undefined ? '' : `95 %: ${formatSigned(interval[0])} to ${formatSigned(interval[1])}, `;
  return `ρ ${formatSigned(spearman)} (${range}${counted(n, noun)})`;
}

function createOther([panel, { other }]: readonly [string, AgreementView]): HTMLLIElement {
  const link = element('a', { href: formatHash({ panel, metric: other }) }, titleOf(other));
  return element('li', {}, link, element('b'), element('small'));
}

function updateOther(item: HTMLLIElement, [, { tau, contradictions }]: readonly [string, AgreementView]): void {
  setText(item.querySelector('b')!, formatSigned(tau));
  setText(item.querySelector('small')!, contradictions === 0 ? '' : counted(contradictions, 'contradiction'));
}

/** `tpp|n=20` as the page writes it. */
function titleOf(key: string): string {
  return key.replace('|', ' ').trim();
}
