import { type Connection, type Reception, openConnection } from '../raw-http/connection';
import type { FuzzCase } from './fuzz-case';

/** Sends cases one after the other; a connection is used again where the case before left it whole. */
export interface Sender {
  send(fuzzCase: FuzzCase): Promise<Sent>;
  close(): void;
}

/** What came of a case. */
interface Sent {
  reception: Reception;
  /** What is wrong with the connection afterwards, in words. */
  fault: string | undefined;
}

const limitMs = 15_000;
/** How long a connection may take to end that must. */
const closeLimitMs = 5_000;
/** How long is waited for a second answer on one that may stay. */
const surplusWaitMs = 200;

/** A sender to the gateways at these addresses. `send` rejects when nobody accepts its connection. */
export function createSender(urls: Readonly<Record<FuzzCase['gateway'], string>>): Sender {
  const kept = new Map<FuzzCase['gateway'], Connection>();
  const take = async (gateway: FuzzCase['gateway']): Promise<Connection> => {
    const known = kept.get(gateway);
    kept.delete(gateway);
    if (known?.isOpen()) return known;
    known?.destroy();
    return openConnection(urls[gateway], limitMs);
  };
  return {
    async send(fuzzCase) {
      const { gateway, bytes, bodiless, isWhole, keepsConnection } = fuzzCase;
      const connection = keepsConnection ? await take(gateway) : await openConnection(urls[gateway], limitMs);
      const reception = await connection.exchange(bytes, { limitMs, bodiless, last: !isWhole });
      const fault = reception.kind === 'answer' ? await faultAfter(connection, fuzzCase) : undefined;
      const isKept = reception.kind === 'answer' && reception.response.headers.get('connection') !== 'close';
      if (keepsConnection && isKept && fault === undefined) kept.set(gateway, connection);
      else connection.destroy();
      return { reception, fault };
    },
    close() {
      for (const connection of kept.values()) connection.destroy();
    },
  };
}

async function faultAfter(connection: Connection, { kind, mustClose }: FuzzCase): Promise<string | undefined> {
  const isClosed = kind === 'raw' && (await connection.closed(mustClose ? closeLimitMs : surplusWaitMs));
  if (connection.surplus().length > 0) return 'more than one answer';
  return mustClose && !isClosed ? 'the connection stays open' : undefined;
}
