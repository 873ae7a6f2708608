import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Side } from '../draft/draft';

export function SidePicker({ side, onSide }: { side: Side; onSide: (side: Side) => void }) {
  const { t } = useTranslation();
  return (
    <SegmentedControl<Side>
      aria-label={t('compare.side')}
      w="max-content"
      value={side}
      onChange={onSide}
      data={(['a', 'b'] as const).map((each) => ({
        value: each,
        label: t('form.side.name', { side: t(`form.side.${each}`) }),
      }))}
    />
  );
}
