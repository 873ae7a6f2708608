import type { EncodedQuery } from '../encoders/encoder';
import type { SequenceClassificationManifest } from '../manifest/manifest';
import { checkRows, type Row } from '../session/session';
import {
  finiteLogits,
  joinedRows,
  LabelCountError,
  outputOf,
  padRows,
  positionsOf,
  type Feed,
  type Int64Feed,
} from './graph';
import type { Head } from './head';
import { probeDocument, probeQuery } from './probe';

/**
 * A cross-encoder with one label (Nogueira and Cho 2019). Query and document form one row, whose logit is the pair's.
 * The documents of a query share no work, so a prepared query is the query itself.
 */
export function createSequenceClassificationHead(manifest: SequenceClassificationManifest): Head<EncodedQuery> {
  const { inputs, outputs: names } = manifest;
  const traits = { mixesQueries: true, maxRows: manifest.maxRows };
  const documentType = manifest.template.kind === 'pair' ? (manifest.template.documentTypeId ?? 1) : 0;
  return {
    traits,
    probe: probeOf(manifest),
    prepareCall: () => undefined,
    prepared: (query) => query,
    preparedBytes: ({ ids }) => ids.byteLength,
    scoreCall(rows) {
      checkRows(rows, traits);
      const { ids, mask, length } = padRows(joinedRows(rows), manifest);
      const feeds: Record<string, Feed> = { [inputs.inputIds]: ids, [inputs.attentionMask]: mask };
      if (inputs.tokenTypeIds !== undefined) feeds[inputs.tokenTypeIds] = tokenTypes(rows, length, documentType);
      if (inputs.positionIds !== undefined) feeds[inputs.positionIds] = positionsOf(rows.length, length);
      return { feeds, fetches: [names.logits] };
    },
    logits(rows, outputs) {
      const labels = outputs[names.logits]?.dims[1];
      if (labels !== undefined && labels !== 1) throw new LabelCountError(labels);
      return finiteLogits(outputOf(outputs, names.logits, [rows.length, 1]));
    },
  };
}

function probeOf({ template, vocabularySize }: SequenceClassificationManifest): Head<EncodedQuery>['probe'] {
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
function tokenTypes(rows: readonly Row<EncodedQuery>[], length: number, documentType: 0 | 1): Int64Feed {
  const data = new BigInt64Array(rows.length * length);
  rows.forEach(({ query, document }, index) => {
    const start = index * length + query.ids.length;
    data.fill(BigInt(documentType), start, start + document.ids.length);
  });
  return { type: 'int64', data, dims: [rows.length, length] };
}
