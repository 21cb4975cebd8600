import type { Claim } from '../claim.js';
import { oneArchitecture } from './one-architecture.js';
import { othersDiscriminate } from './others-discriminate.js';
import { saeProbesNoise } from './sae-probes-noise.js';
import { saeProbesValidity } from './sae-probes-validity.js';
import { scrGroundTruth } from './scr-ground-truth.js';
import { tppNoise } from './tpp-noise.js';
import { tppTrend } from './tpp-trend.js';

/** What is held against a panel, in the order in which it is shown. A new claim is a file and a line here. */
export const CLAIMS: readonly Claim[] = [
  tppNoise,
  tppTrend,
  scrGroundTruth,
  saeProbesNoise,
  saeProbesValidity,
  oneArchitecture,
  othersDiscriminate,
];
