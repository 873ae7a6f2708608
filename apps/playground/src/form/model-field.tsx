import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useModels } from '../fleet/use-models';
import type { ModelInfo } from '../ranking/models';
import { type Side, modelOf, sideChoice, sideFields } from '../draft/draft';
import { useDraft, useDraftDispatch } from '../draft/draft-context';

export function ModelField({ side }: { side: Side }) {
  const { t } = useTranslation();
  const { models, isLoading, failure } = useModels();
  const draft = useDraft();
  const dispatch = useDraftDispatch();
  const choice = sideChoice(draft, side);
  const model = modelOf(models, choice.model);
  const nothing = t(isLoading ? 'form.model.loading' : failure ? 'form.model.unknown' : 'form.model.none');
  const options = models.map(({ id, isDefault }) => ({
    value: id,
    label: isDefault ? t('form.model.isDefault', { name: id }) : id,
  }));
  // No live model serves requests without a model name.
  if (!model && !choice.model && options.length > 0) options.unshift({ value: '', label: t('form.model.noDefault') });
  // A link or an old run may name a model that is not live now.
  if (!model && choice.model) {
    options.push({ value: choice.model, label: t('form.model.notServed', { name: choice.model }) });
  }
  return (
    <NativeSelect
      aria-label={t('form.model.label')}
      data={options.length > 0 ? options : [{ value: '', label: nothing }]}
      disabled={options.length === 0}
      value={model?.id ?? choice.model}
      onChange={({ currentTarget }) =>
        dispatch({ type: 'changed', fields: sideFields({ ...choice, model: currentTarget.value }, side) })
      }
      description={model && <ModelFacts model={model} />}
      inputWrapperOrder={['input', 'description']}
    />
  );
}

function ModelFacts({ model }: { model: ModelInfo }) {
  const { t, i18n } = useTranslation();
  const headKey = `form.model.head.${model.head}`;
  const head = i18n.exists(headKey) ? t(headKey as 'form.model.head.late-interaction') : model.head;
  const { dtype, provider, maxLengthTokens: limit, takesInstruction } = model;
  return (
    <>
      {t('form.model.facts', { head, dtype: dtype.split(' (')[0] ?? dtype, provider: provider.toUpperCase(), limit })}
      {!takesInstruction && ` · ${t('form.model.noInstruction')}`}
    </>
  );
}
