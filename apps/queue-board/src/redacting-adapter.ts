import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { redactedJob } from './redacted-job';

type Call<Name extends 'getJob' | 'getJobs' | 'addJob' | 'runJobSchedulerNow'> = Parameters<BullMQAdapter[Name]>;

/** bull-board's adapter of one queue. Every job that it returns is redacted, and no method returns jobs unredacted. */
export class RedactingAdapter extends BullMQAdapter {
  override async getJob(...call: Call<'getJob'>) {
    const job = await super.getJob(...call);
    return job && redactedJob(job);
  }

  override async getJobs(...call: Call<'getJobs'>) {
    return (await super.getJobs(...call)).map(redactedJob);
  }

  override async addJob(...call: Call<'addJob'>) {
    return redactedJob(await super.addJob(...call));
  }

  override async runJobSchedulerNow(...call: Call<'runJobSchedulerNow'>) {
    const job = await super.runJobSchedulerNow(...call);
    return job === 'not-found' ? job : redactedJob(job);
  }

  override getJobLogs() {
    return Promise.resolve([]);
  }

  override async getJobSchedulers() {
    return (await super.getJobSchedulers()).map((scheduler) => ({ ...scheduler, template: undefined }));
  }

  /** No flow producer, because bull-board would read the jobs of a flow with it, without this adapter. */
  override getFlowProducer() {
    return Promise.resolve(null);
  }
}
