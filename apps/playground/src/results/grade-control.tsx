import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Grade } from '../ranking/quality';
import { useGrading } from './grades';
import classes from './results.module.css';

const scale = [0, 1, 2, 3] as const satisfies readonly Grade[];
const none = 'none';

/** One of four grades, or none, for a document. Shown while grading is on. */
export function GradeControl({ index }: { index: number }) {
  const { t } = useTranslation();
  const { isOn, grades, give } = useGrading();
  if (!isOn) return null;
  const grade = grades.get(index);
  return (
    <SegmentedControl
      className={classes.grade}
      aria-label={t('grades.label', { position: index + 1 })}
      value={grade === undefined ? none : String(grade)}
      onChange={(value) =>
        give(
          index,
          scale.find((each) => String(each) === value),
        )
      }
      data={[
        { value: none, label: t('grades.clear') },
        ...scale.map((each) => ({ value: String(each), label: t(`grades.scale.${each}`) })),
      ]}
    />
  );
}
