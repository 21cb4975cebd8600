import {
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** Green from a value on. */
export function goodFrom(weak: number, good: number): ThresholdsConfigBuilder {
  return steps(['red', null], ['orange', weak], ['green', good]);
}

/** Red from a value on. */
export function badFrom(weak: number, bad: number): ThresholdsConfigBuilder {
  return steps(['green', null], ['orange', weak], ['red', bad]);
}

function steps(...colors: readonly (readonly [string, number | null])[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(colors.map(([color, value]) => ({ color, value })));
}

export const VERDICT_COLORS: ValueMap = {
  type: MappingType.ValueToText,
  options: {
    good: { text: 'good', color: 'green', index: 0 },
    weak: { text: 'weak', color: 'orange', index: 1 },
    bad: { text: 'bad', color: 'red', index: 2 },
    unknown: { text: 'unknown', color: 'text', index: 3 },
  },
};

export const DISCRIMINATES: ValueMap = {
  type: MappingType.ValueToText,
  options: {
    '0': { text: 'stopped', color: 'red', index: 0 },
    '1': { text: 'discriminates', color: 'green', index: 1 },
  },
};
