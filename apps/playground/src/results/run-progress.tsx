import { Group, Progress, Text } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

interface RunProgressProps {
  documents: number;
  /** Estimated duration for a fleet without other work; null if not known. */
  expectedSeconds: number | null;
}

const tickMs = 500;
/** Shorter runs show no elapsed time. */
const worthTellingSeconds = 2;

/** The elapsed time of a run and, if the duration is known, its progress. Mount a new one for each run. */
export function RunProgress({ documents, expectedSeconds }: RunProgressProps) {
  const { t } = useTranslation();
  const [startedMs] = useState(() => performance.now());
  const [elapsed, setElapsed] = useState(0);
  useInterval(() => setElapsed((performance.now() - startedMs) / 1_000), tickMs, { autoInvoke: true });
  const seconds = Math.floor(elapsed);
  const isLong = expectedSeconds !== null && expectedSeconds >= worthTellingSeconds;
  const total = Math.ceil(expectedSeconds ?? 0);
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={6}>
        <Text size="sm" fw={600}>
          {t('run.ranking', { count: documents })}
        </Text>
        <Text size="sm" c="dimmed" className="page-figures">
          {isLong ? t('run.expected', { seconds, total }) : t('run.elapsed', { seconds })}
        </Text>
      </Group>
      {isLong ? (
        <Progress aria-label={t('run.ranking', { count: documents })} value={shareDone(elapsed, expectedSeconds)} />
      ) : (
        // Without a value, the progress is not known.
        <Progress.Root role="progressbar" aria-label={t('run.ranking', { count: documents })}>
          <Progress.Section withAria={false} value={100} animated />
        </Progress.Root>
      )}
    </div>
  );
}

/** In percent. It never reaches 100, because the estimate is for a fleet without other work. */
function shareDone(elapsedSeconds: number, expectedSeconds: number): number {
  return Math.min(95, (100 * elapsedSeconds) / expectedSeconds);
}
