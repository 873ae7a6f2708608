import type { WorkerAnnouncement } from '@rerank-fleet/contract';
import { rowCostOf, type Manifest, type Provider } from '@rerank-fleet/scoring';
import type { SpeedMeter } from '../capacity/speed';

/** What a worker tells the fleet about itself. */
export interface AnnouncedWorker {
  workerId: string;
  manifest: Manifest;
  /** Whether requests that name no model come here. */
  isDefault: boolean;
  provider: Provider;
  sessions: number;
  /** Tokens of one batch, longest row x rows. */
  batchTokens: number;
  speed: SpeedMeter;
}

/** The announcement as it is now: the speed is measured. */
export function announcementOf({ manifest, speed, ...worker }: AnnouncedWorker): WorkerAnnouncement {
  const tokensPerByte = speed.tokensPerByte();
  const tokensPerSecond = speed.tokensPerSecond();
  return {
    ...worker,
    bundle: { name: manifest.name, version: manifest.version },
    aliases: manifest.aliases,
    head: manifest.head,
    revision: manifest.revision,
    source: manifest.source,
    templateVersion: manifest.template.version,
    takesInstruction: manifest.takesInstruction,
    ...rowCostOf(manifest),
    maxLengthTokens: manifest.maxLengthTokens,
    dtype: manifest.dtype,
    ...(tokensPerByte !== undefined && { tokensPerByte }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
  };
}
