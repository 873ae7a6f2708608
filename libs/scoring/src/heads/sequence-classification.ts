import type { SequenceClassificationManifest } from '../manifest/manifest';
import type { Row } from '../session/session';
import { finiteLogits, LabelCountError, outputOf, type Int64Feed } from './graph';
import type { Head } from './head';
import { keepQueries, type KeptQuery } from './kept-query';
import { probeDocument, probeQuery } from './probe';

/**
 * A model with one label (Nogueira and Cho 2019). Query and document form one row, whose logit is the pair's. Only a
 * causal model, whose graph takes keys and values of earlier tokens, computes the query's part once; in all others each
 * token sees the whole row.
 */
export function createSequenceClassificationHead(manifest: SequenceClassificationManifest): Head<KeptQuery> {
  const { inputs, outputs: names } = manifest;
  const { feedsOf, ...queries } = keepQueries(manifest);
  const documentType = manifest.template.kind === 'pair' ? (manifest.template.documentTypeId ?? 1) : 0;
  return {
    ...queries,
    probe: probeOf(manifest),
    scoreCall(rows) {
      const { feeds, padded } = feedsOf(rows);
      if (inputs.tokenTypeIds !== undefined) feeds[inputs.tokenTypeIds] = tokenTypes(rows, padded.length, documentType);
      return { feeds, fetches: [names.logits] };
    },
    logits(rows, outputs) {
      const labels = outputs[names.logits]?.dims[1];
      if (labels !== undefined && labels !== 1) throw new LabelCountError(labels);
      return finiteLogits(outputOf(outputs, names.logits, [rows.length, 1]));
    },
  };
}

function probeOf({ template, vocabularySize }: SequenceClassificationManifest): Head<KeptQuery>['probe'] {
  const lastId = vocabularySize - 1;
  switch (template.kind) {
    case 'pair':
      return {
        query: probeQuery([...template.startIds, lastId, ...template.betweenIds]),
        document: probeDocument([lastId, ...template.endIds]),
      };
    case 'prompt':
      return {
        query: probeQuery(template.prefixIds),
        document: probeDocument([lastId, ...template.suffixIds]),
      };
    default:
      return template satisfies never;
  }
}

/** 0 up to the end of the query's part, then the document's type. Masked columns do not matter. */
function tokenTypes(rows: readonly Row<KeptQuery>[], length: number, documentType: 0 | 1): Int64Feed {
  const data = new BigInt64Array(rows.length * length);
  rows.forEach(({ query, document }, index) => {
    const start = index * length + query.ids.length;
    data.fill(BigInt(documentType), start, start + document.ids.length);
  });
  return { type: 'int64', data, dims: [rows.length, length] };
}
