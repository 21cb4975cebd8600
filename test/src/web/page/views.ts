import type { LensView, MetricView, Verdict, VerdictsView } from '../../../../src/web/page/protocol.js';

/** A metric of which only these values are known. */
export function metric(name: string, param: string, values: Partial<MetricView> = {}): MetricView {
  return {
    key: `${name}|${param}`,
    metric: name,
    param,
    revision: 1,
    detectable: {},
    detectablePaired: {},
    course: [],
    contradictions: [],
    ...values,
  };
}

/** Every lens says the same. */
export function verdicts(verdict: Verdict, numbers: LensView['numbers'] = {}): VerdictsView {
  const lens: LensView = { verdict, because: `it is ${verdict}`, numbers, thresholds: {} };
  return { noise: lens, discriminability: lens, validity: lens, overall: verdict };
}
