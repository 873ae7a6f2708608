/** A text that must not appear in logs or messages. */
interface Hidden {
  reveal(): string;
}

/** The address of one server: TCP, or a socket of this machine. */
export type RedisAddress = { host: string; port: number } | { path: string };

/** Where Redis is and how to connect to it. */
export interface RedisServer {
  /** One server, Sentinels that name the master, or nodes of a Cluster. */
  kind: 'single' | 'sentinel' | 'cluster';
  /** The addresses of the server (one), of the Sentinels, or of some nodes of the Cluster. */
  addresses: readonly RedisAddress[];
  /** The master's name at the Sentinels; only for `sentinel`. */
  masterName?: string;
  username?: string;
  password?: Hidden;
  database?: number;
  sentinelPassword?: Hidden;
  /** PEM texts. Undefined: connections are not encrypted. */
  tls?: { ca?: string; cert?: string; key?: Hidden };
}
