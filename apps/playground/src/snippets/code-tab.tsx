import { SegmentedControl, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RankRequest } from '../ranking/request';
import { type SnippetKind, snippet, snippetKinds } from '../sharing/snippets';
import { CodeBlock } from './code-block';

/** The same request as program code. */
export function CodeTab({ request }: { request: RankRequest }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<SnippetKind>('curl');
  const code = useMemo(() => snippet(kind, { request, baseUrl: document.baseURI }), [kind, request]);
  return (
    <Stack gap="sm">
      <SegmentedControl<SnippetKind>
        aria-label={t('code.language')}
        className="page-wrap-control"
        value={kind}
        onChange={setKind}
        data={snippetKinds.map((each) => ({ value: each, label: t(`code.kinds.${each}`) }))}
      />
      <Text size="sm" c="dimmed">
        {t(`code.about.${kind}`)}. {t('code.key')}
      </Text>
      <CodeBlock code={code} label={t(`code.kinds.${kind}`)} copyLabel={t('code.copy')} />
    </Stack>
  );
}
