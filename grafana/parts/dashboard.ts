import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './queries.js';
import { datasource, discernUrl, instance, job } from './variables.js';

/** Any kind of panel. */
export type PanelBuilder = Builder<Panel>;

const TAG = 'discern';

export interface DashboardText {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Labels of the alerts whose firing is marked in its graphs. */
  readonly alerts: string;
}

/** What all dashboards share: which Discern, links to each other and to the live page, marks where alerts fire. */
export function dashboard({ uid, title, description, alerts }: DashboardText): DashboardBuilder {
  return new DashboardBuilder(`Discern / ${title}`)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .readonly()
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(datasource())
    .withVariable(job())
    .withVariable(instance())
    .withVariable(discernUrl())
    .annotation(alertsFiring(alerts))
    .link(
      new DashboardLinkBuilder('Discern')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true),
    )
    .link(
      new DashboardLinkBuilder('Live page')
        .type(DashboardLinkType.Link)
        .url('${discern_url}')
        .icon('external link')
        .targetBlank(true),
    );
}

/** Adds panels from left to right and top to bottom. */
export function withPanels(built: DashboardBuilder, panels: readonly PanelBuilder[]): DashboardBuilder {
  return panels.reduce((dashboard, panel) => dashboard.withPanel(panel), built);
}

function alertsFiring(labels: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('red')
    .expr(`ALERTS{alertname=~"Discern.*", alertstate="firing", ${labels}}`)
    .titleFormat('{{alertname}}')
    .textFormat('{{metric}} {{param}} {{run}} {{topic}} {{reason}}')
    .step('60s');
}
