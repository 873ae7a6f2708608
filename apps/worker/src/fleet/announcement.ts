import type { WorkerAnnouncement } from '@rerank-fleet/contract';
import { rowCostOf, type Manifest, type Provider } from '@rerank-fleet/scoring';
import type { SpeedMeter } from '../capacity/speed';

/** What a worker announces about itself. */
export interface AnnouncedWorker {
  workerId: string;
  manifest: Manifest;
  /** Whether requests without a model are routed to this worker. */
  isDefault: boolean;
  provider: Provider;
  sessions: number;
  /** Present token budget of one batch: longest row x rows. */
  batchTokens: number;
  speed: SpeedMeter;
}

/** The current announcement, with the measured speed. */
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
    ...(manifest.quantization && { quantization: manifest.quantization }),
    ...(tokensPerByte !== undefined && { tokensPerByte }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
  };
}
