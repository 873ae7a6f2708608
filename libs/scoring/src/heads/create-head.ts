import type { Manifest } from '../manifest/manifest';
import { createCausalYesNoHead } from './causal-yes-no';
import type { Head } from './head';
import { createLateInteractionHead } from './late-interaction';
import { createSequenceClassificationHead } from './sequence-classification';

/** The head that the manifest names. The type of its prepared queries is opaque to callers. */
export function createHead(manifest: Manifest): Head<unknown> {
  switch (manifest.head) {
    case 'late-interaction':
      return createLateInteractionHead(manifest) as Head<unknown>;
    case 'sequence-classification':
      return createSequenceClassificationHead(manifest) as Head<unknown>;
    case 'causal-yes-no':
      return createCausalYesNoHead(manifest) as Head<unknown>;
    default:
      return manifest satisfies never;
  }
}
