import { type PropsWithChildren, createContext, use, useCallback, useMemo, useState } from 'react';
import type { Grade, Grades } from '../ranking/quality';

/** What the user says of the documents of one ranking. */
export interface Grading {
  isOn: boolean;
  grades: Grades;
  toggle: () => void;
  /** Undefined takes a grade back. */
  give: (index: number, grade: Grade | undefined) => void;
}

const GradingContext = createContext<Grading | undefined>(undefined);

/** Keyed by the ranking: another one has not been graded. */
export function GradingProvider({ children }: PropsWithChildren) {
  const [isOn, setIsOn] = useState(false);
  const [grades, setGrades] = useState<Grades>(new Map());
  const toggle = useCallback(() => setIsOn((before) => !before), []);
  const give = useCallback((index: number, grade: Grade | undefined) => {
    setGrades((before) => {
      const after = new Map(before);
      if (grade === undefined) after.delete(index);
      else after.set(index, grade);
      return after;
    });
  }, []);
  const grading = useMemo(() => ({ isOn, grades, toggle, give }), [isOn, grades, toggle, give]);
  return <GradingContext value={grading}>{children}</GradingContext>;
}

export function useGrading(): Grading {
  const grading = use(GradingContext);
  if (!grading) throw new Error('useGrading is used outside of GradingProvider');
  return grading;
}
