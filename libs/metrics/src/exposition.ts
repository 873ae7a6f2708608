import type { MetricsRegistry } from './instruments';

/** What an ops server needs to answer `GET /metrics`. There is nothing to close: no part of it keeps a process alive. */
export interface Exposition {
  /** Value of the answer's `content-type`. */
  readonly contentType: string;
  /** All series as text. Reads memory only, so it answers whatever Redis does. */
  render(): Promise<string>;
}

/** Exposition of one registry. */
export function exposition(registry: MetricsRegistry): Exposition {
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
  };
}
