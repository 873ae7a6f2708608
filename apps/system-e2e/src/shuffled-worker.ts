import { cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const built = join(__dirname, '../../../dist/apps/worker');

/** A built worker that answers at normal speed with the scores of the wrong documents. */
export interface ShuffledWorker {
  /** Path of its main file. */
  main: string;
  remove(): Promise<void>;
}

/** Code that gives each row of a batch the score of another row. */
const sessionThread = `
const { parentPort } = require('node:worker_threads');
const post = parentPort.postMessage.bind(parentPort);
parentPort.postMessage = (reply) => {
  const logits = reply?.value?.logits;
  if (logits) reply.value.logits = logits.map((_, row) => logits[(row + Math.ceil(logits.length / 2)) % logits.length]);
  post(reply);
};
require(${JSON.stringify(join(built, 'session-thread.js'))});
`;

/** Creates a copy of the built worker whose sessions mix up their scores. */
export async function makeShuffledWorker(): Promise<ShuffledWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'rerank-shuffled-'));
  for (const name of await readdir(built)) {
    // the worker looks for its threads in the real folder of its main file
    if (name === 'main.js') await cp(join(built, name), join(folder, name));
    else if (name === 'session-thread.js') await writeFile(join(folder, name), sessionThread);
    else await symlink(join(built, name), join(folder, name));
  }
  return { main: join(folder, 'main.js'), remove: () => rm(folder, { recursive: true, force: true }) };
}
