import {
  BarGaugeDisplayMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import {
  ReduceDataOptionsBuilder,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { DATASOURCE } from './queries.js';

/** What every panel has: a question as its title, what the answer means, and the unit it is in. */
export interface PanelText {
  readonly title: string;
  readonly description: string;
  /** Grafana's name of the unit; `none` for a plain number. */
  readonly unit: string;
}

/** Lines over time, with a table of their last values below. */
export function lines(text: PanelText, queries: readonly DataqueryBuilder[]): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .datasource(DATASOURCE)
    .span(12)
    .height(9)
    .lineWidth(2)
    .fillOpacity(0)
    .spanNulls(true)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull'])
        .showLegend(true),
    );
  return withTargets(panel, queries);
}

/** One number. */
export function number(text: PanelText, queries: readonly DataqueryBuilder[]): stat.PanelBuilder {
  const panel = new stat.PanelBuilder()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .datasource(DATASOURCE)
    .span(6)
    .height(4)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  return withTargets(panel, queries);
}

/** A bar for each series, as it is now. */
export function bars(text: PanelText, queries: readonly DataqueryBuilder[]): bargauge.PanelBuilder {
  const panel = new bargauge.PanelBuilder()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .datasource(DATASOURCE)
    .span(12)
    .height(10)
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  return withTargets(panel, queries);
}

/** States over time, a row for each series. */
export function states(text: PanelText, queries: readonly DataqueryBuilder[]): statetimeline.PanelBuilder {
  const panel = new statetimeline.PanelBuilder()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .datasource(DATASOURCE)
    .span(24)
    .height(9)
    .mergeValues(true);
  return withTargets(panel, queries);
}

/** Rows and columns, as they are now. */
export function grid(text: PanelText, queries: readonly DataqueryBuilder[]): table.PanelBuilder {
  const panel = new table.PanelBuilder()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .datasource(DATASOURCE)
    .span(12)
    .height(12);
  return withTargets(panel, queries);
}

/** Targets are told apart by letters. */
function withTargets<P extends { withTarget(target: DataqueryBuilder): P }>(
  panel: P,
  queries: readonly DataqueryBuilder[],
): P {
  return queries.reduce((built, query, i) => built.withTarget(query.refId(String.fromCharCode(65 + i))), panel);
}
