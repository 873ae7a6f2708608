import { type Connection, type Reception, openConnection } from '../raw-http/connection';
import type { FuzzCase } from './fuzz-case';

/** Sends cases one after the other. It reuses a connection if the previous case left it intact. */
export interface Sender {
  send(fuzzCase: FuzzCase): Promise<Sent>;
  close(): void;
}

/** Result of a case. */
interface Sent {
  reception: Reception;
  /** Describes what is wrong with the connection afterwards. */
  fault: string | undefined;
}

const limitMs = 15_000;
/** Time limit for the gateway to close a connection that it must close. */
const closeLimitMs = 5_000;
/** Wait for a second answer on a connection that may stay open. */
const surplusWaitMs = 200;

/** A sender to the gateways at these addresses. `send` rejects when it cannot connect. */
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
