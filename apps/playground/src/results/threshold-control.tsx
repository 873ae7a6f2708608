import { Group, Input, Slider, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDraft, useDraftDispatch } from '../draft/draft-context';
import { useFormats } from '../i18n/use-formats';

/** Greys out documents below the threshold, and shows how many stay. */
export function ThresholdControl({ staying, total }: { staying: number; total: number }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { threshold } = useDraft();
  const dispatch = useDraftDispatch();
  return (
    <div className="page-threshold">
      <Group justify="space-between" gap="xs">
        <Input.Label id="threshold-label" component="div">
          {t('threshold.label')} <span className="page-figures">{formats.twoDecimals(threshold)}</span>
        </Input.Label>
        <Text size="sm" role="status" className="page-figures">
          {t('threshold.stays', { count: staying, total })}
        </Text>
      </Group>
      <Slider
        min={0}
        max={1}
        step={0.01}
        label={null}
        value={threshold}
        onChange={(value) => dispatch({ type: 'changed', fields: { threshold: value } })}
        thumbLabel={t('threshold.label')}
        // The status announces how many documents stay.
        thumbValueText={formats.twoDecimals(threshold)}
      />
    </div>
  );
}
