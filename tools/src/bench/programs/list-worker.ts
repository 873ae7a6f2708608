import { answerList, entryOf, jobList, readEntry } from './lists';
import { connectPlain } from './plain-redis';

/** As many numbers as the real worker returns for a request with 50 documents. */
const answer = JSON.stringify(Array.from({ length: 50 }, (_, index) => Math.sin(index + 1) * 6));

/** A minimal worker: it pops one body after the other and answers each with the same numbers. */
async function main(): Promise<void> {
  const [pushing, popping] = await connectPlain(process.env['REDIS_URL'] ?? '', 2);
  if (!pushing || !popping) throw new Error('two connections are needed');
  console.log(JSON.stringify({ msg: 'listening', opsUrl: 'none' }));
  for (;;) {
    const entry = await popping.brpop(jobList, 0);
    void pushing.lpush(answerList, entryOf(readEntry(entry?.[1] ?? '').id, answer));
  }
}

void main();
