import { createSafeContext } from '@mantine/core';
import { type PropsWithChildren, useCallback, useMemo, useState } from 'react';
import type { Grade, Grades } from '../ranking/quality';

/** The user's grades for the documents of one ranking. */
interface Grading {
  isOn: boolean;
  grades: Grades;
  toggle: () => void;
  /** Undefined removes a grade. */
  give: (index: number, grade: Grade | undefined) => void;
}

const [GradingContext, useGrading] = createSafeContext<Grading>('useGrading is used outside of GradingProvider');
export { useGrading };

const noGrades: Grades = new Map();

/**
 * Provides the grades of the displayed ranking.
 *
 * @param run identifies the ranking; a new one has no grades
 */
export function GradingProvider({ run, children }: PropsWithChildren<{ run: number }>) {
  const [isOn, setIsOn] = useState(false);
  const [given, setGiven] = useState({ run, grades: noGrades });
  const grades = given.run === run ? given.grades : noGrades;
  const toggle = useCallback(() => setIsOn((before) => !before), []);
  const give = useCallback(
    (index: number, grade: Grade | undefined) => {
      setGiven((before) => {
        const after = new Map(before.run === run ? before.grades : noGrades);
        if (grade === undefined) after.delete(index);
        else after.set(index, grade);
        return { run, grades: after };
      });
    },
    [run],
  );
  const grading = useMemo(() => ({ isOn, grades, toggle, give }), [isOn, grades, toggle, give]);
  return <GradingContext value={grading}>{children}</GradingContext>;
}
