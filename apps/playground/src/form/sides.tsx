import { Fieldset, Group, Input, Stack, Switch, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useModels } from '../fleet/use-models';
import { type Side, isSameChoice } from '../draft/draft';
import { useDraft, useDraftDispatch } from '../draft/draft-context';
import { InstructionField } from './instruction-field';
import { ModelField } from './model-field';

/** The model and, if it takes one, the instruction; two of each for a comparison. */
export function Sides() {
  const { t } = useTranslation();
  const draft = useDraft();
  const { mode } = draft;
  const isSame = isSameChoice(draft, useModels().models);
  const dispatch = useDraftDispatch();
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={4}>
        <Input.Label component="span">{t('form.model.label')}</Input.Label>
        <Switch
          size="xs"
          labelPosition="left"
          label={t('form.compare')}
          checked={mode === 'compare'}
          onChange={({ currentTarget }) =>
            dispatch({ type: 'changed', fields: { mode: currentTarget.checked ? 'compare' : 'rank' } })
          }
        />
      </Group>
      {mode === 'rank' ? (
        <SideFields side="a" />
      ) : (
        <Stack gap="xs">
          <NamedSide side="a" />
          <NamedSide side="b" />
          {isSame && (
            <Text size="sm" c="dimmed">
              {t('form.compareHint')}
            </Text>
          )}
        </Stack>
      )}
    </div>
  );
}

function NamedSide({ side }: { side: Side }) {
  const { t } = useTranslation();
  return (
    <Fieldset legend={t('form.side.name', { side: t(`form.side.${side}`) })} className="page-side">
      <SideFields side={side} />
    </Fieldset>
  );
}

function SideFields({ side }: { side: Side }) {
  return (
    <Stack gap="sm">
      <ModelField side={side} />
      <InstructionField side={side} />
    </Stack>
  );
}
