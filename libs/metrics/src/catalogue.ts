import { containerCatalogue } from './container-catalogue';
import type { MetricDefinition } from './definition';
import { eventLoopCatalogue } from './event-loop-catalogue';
import { gatewayCatalogue } from './gateway-catalogue';
import { gpuCatalogue } from './gpu-catalogue';
import { qualityProbeCatalogue } from './quality-probe-catalogue';
import { queueBoardCatalogue } from './queue-board-catalogue';
import { redisCatalogue } from './redis-catalogue';
import { workerCatalogue } from './worker-catalogue';

/** All of the fleet's own metrics, in the order of the documentation. */
export const catalogue: readonly MetricDefinition[] = [
  gatewayCatalogue,
  workerCatalogue,
  gpuCatalogue,
  redisCatalogue,
  queueBoardCatalogue,
  qualityProbeCatalogue,
  eventLoopCatalogue,
  containerCatalogue,
].flatMap((section): MetricDefinition[] => Object.values(section));
