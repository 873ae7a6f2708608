/** A text that is shown nowhere. */
interface Hidden {
  reveal(): string;
}

/** One server's place: a TCP address, or a socket of this machine. */
export type RedisAddress = { host: string; port: number } | { path: string };

/** Where Redis is and how it is reached. */
export interface RedisServer {
  /** One server, Sentinels that know the master, or nodes of a Cluster. */
  kind: 'single' | 'sentinel' | 'cluster';
  /** Of the server (one), of the Sentinels, or of some nodes of the Cluster. */
  addresses: readonly RedisAddress[];
  /** What the Sentinels call the master; only there. */
  masterName?: string;
  username?: string;
  password?: Hidden;
  database?: number;
  sentinelPassword?: Hidden;
  /** PEM texts; undefined: connections are not encrypted. */
  tls?: { ca?: string; cert?: string; key?: Hidden };
}
