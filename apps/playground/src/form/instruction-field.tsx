import { Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useModels } from '../fleet/use-models';
import { type Side, modelOf, sideChoice, sideFields } from '../draft/draft';
import { useDraft, useDraftDispatch } from '../draft/draft-context';
import { fieldOf, findingText, instructionId } from './findings';
import { useSubmit } from './use-submit';

/** The instruction. Shown only for a model that takes one. */
export function InstructionField({ side }: { side: Side }) {
  const { t } = useTranslation();
  const { models } = useModels();
  const draft = useDraft();
  const dispatch = useDraftDispatch();
  const finding = useSubmit().findings[side].find((each) => fieldOf(each) === 'instruction');
  const choice = sideChoice(draft, side);
  if (!modelOf(models, choice.model)?.takesInstruction) return null;
  return (
    <Textarea
      id={instructionId(side)}
      label={t('form.instruction.label')}
      description={t('form.instruction.optional')}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder={t('form.instruction.placeholder')}
      autosize
      minRows={1}
      maxRows={4}
      value={choice.instruction}
      onChange={({ currentTarget }) =>
        dispatch({ type: 'changed', fields: sideFields({ ...choice, instruction: currentTarget.value }, side) })
      }
      error={finding && findingText(t, finding)}
    />
  );
}
