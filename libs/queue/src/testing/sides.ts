import { randomUUID } from 'node:crypto';
import { wireVersion, type JobOutcome, type RerankJob } from '@rerank-fleet/contract';
import { openGatewayQueue, type GatewayQueue, type GatewayQueueOptions } from '../gateway/gateway-queue';
import { someAnnouncement } from './index';
import type { WorkerQueueOptions } from '../worker/state';
import type { TakenJob } from '../worker/take';
import { openWorkerQueue, type WorkerQueue } from '../worker/worker-queue';
import type { RedisServer } from '../redis/server';

/** The bundle `tiny@1` and its queue, as in {@link someAnnouncement}. */
export const bundle = { name: 'tiny', version: '1' };
export const queue = 'tiny@1';

export interface TestGateway extends GatewayQueue {
  outcomes: JobOutcome[];
  id: string;
}

/** Both sides of queues on one server, closed together. */
export interface Sides {
  gateway(prefix: string, changes?: Partial<GatewayQueueOptions>): Promise<TestGateway>;
  worker(prefix: string, changes?: Partial<WorkerQueueOptions>): Promise<WorkerQueue>;
  /** Closes one side now. */
  close(side: { close(): Promise<unknown> }): Promise<void>;
  closeAll(): Promise<void>;
}

export function createSides(redis: () => RedisServer): Sides {
  const open = new Set<{ close(): Promise<unknown> }>();
  return {
    async gateway(prefix, changes = {}) {
      const outcomes: JobOutcome[] = [];
      const id = randomUUID();
      const made = await openGatewayQueue({
        redis: redis(),
        prefix,
        gatewayId: id,
        onOutcome: (outcome) => outcomes.push(outcome),
        onUnreadableOutcome: () => undefined,
        onError: () => undefined,
        ...changes,
      });
      open.add(made);
      return Object.assign(made, { outcomes, id });
    },
    async worker(prefix, changes = {}) {
      const { workerId = randomUUID() } = changes;
      const made = await openWorkerQueue({
        redis: redis(),
        prefix,
        workerId,
        bundle,
        announcement: () => someAnnouncement(workerId),
        onStalled: () => undefined,
        onError: () => undefined,
        ...changes,
      });
      open.add(made);
      await made.join();
      return made;
    },
    async close(side) {
      open.delete(side);
      await side.close();
    },
    async closeAll() {
      const sides = [...open];
      open.clear();
      await Promise.all(sides.map((side) => side.close()));
    },
  };
}

export interface SubmissionFacts {
  documents?: string[];
  tokens?: number;
  priority?: number;
  waitMs?: number;
  parts?: number;
}

/** A request as a gateway submits it; the fleet may have 1,000 tokens in flight. */
export function submission({
  documents = ['a'],
  tokens = 10,
  priority = 0,
  waitMs = 60_000,
  parts = 1,
}: SubmissionFacts = {}) {
  const requestId = randomUUID();
  return {
    requestId,
    queue,
    limit: { tokens: 1_000, bytes: 1_000_000 },
    waitMs,
    parts: Array.from({ length: parts }, (_, part) => ({
      v: wireVersion as 1,
      requestId,
      part,
      parts,
      query: 'q',
      documents,
      firstDocument: part * documents.length,
      priority,
      cost: { tokens, bytes: 100 },
    })),
  };
}

/** The next job, however long it takes to arrive. */
export async function takeJob(from: WorkerQueue): Promise<TakenJob> {
  for (;;) {
    const take = await from.take();
    if (take.kind === 'job') return take.taken;
  }
}

/** An answer whose logits are the lengths of the documents. */
export function answer(job: RerankJob): JobOutcome {
  return {
    v: wireVersion,
    requestId: job.requestId,
    part: job.part,
    ok: true,
    logits: job.documents.map((text) => text.length),
    tokens: { query: 1, documents: 1 },
    truncated: [],
    timings: { queueMs: 0, tokenizationMs: 0, inferenceMs: 0 },
  };
}
