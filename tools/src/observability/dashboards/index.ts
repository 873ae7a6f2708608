import { article } from './article';
import { buildDashboard, type DashboardFacts } from './dashboard';
import { hosts } from './hosts';
import { model } from './model';
import { queue } from './queue';
import { traffic } from './traffic';

const dashboards: readonly DashboardFacts[] = [traffic, queue, model, hosts, article];

/** Folder of Grafana's dashboards, relative to the repository. */
export const dashboardFolder = 'deploy/grafana/dashboards';

/** The dashboards that Grafana loads: path in the repository -> content. */
export function dashboardFiles(): Map<string, string> {
  return new Map(
    dashboards.map((facts) => [
      `${dashboardFolder}/${facts.uid}.json`,
      `${JSON.stringify(buildDashboard(facts), null, 2)}\n`,
    ]),
  );
}
