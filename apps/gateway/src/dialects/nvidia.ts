import { bodyParser } from './body-parser';
import { rankingBody, textList } from './fields';
import { rankedResults } from './ranked-results';
import { objectDialect } from './object-dialect';

/** The body of NVIDIA NIM's ranking call. */
export const nvidiaRequestSchema = rankingBody('NvidiaRerankRequest', { passages: textList });

/**
 * NVIDIA NIM. Request: `passages`. Answer: `rankings`. Its score is the logit, so every request asks for raw scores.
 */
export const nvidia = objectDialect({
  name: 'nvidia',
  parse: bodyParser({ schema: nvidiaRequestSchema, listField: 'passages', always: { rawScores: true } }),
  render: (answer) => ({ rankings: rankedResults(answer).map(({ index, score }) => ({ index, logit: score })) }),
});
