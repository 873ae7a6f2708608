import { Switch } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Side } from '../draft/draft';
import { compareRankings } from '../ranking/compare';
import type { Ranked } from '../run/run';
import { Agreement } from './agreement';
import classes from './comparison.module.css';
import { SideColumn } from './side-column';

/** Both rankings side by side, and how much they agree. */
export function SidesTab({ sides }: { sides: Record<Side, Ranked> }) {
  const { t } = useTranslation();
  const [onlyDifferences, setOnlyDifferences] = useState(false);
  const [active, setActive] = useState<number | null>(null);
  const [a, b] = [sides.a.ranking.results, sides.b.ranking.results];
  const positions = useMemo(() => {
    const { movers = [] } = compareRankings(a, b) ?? {};
    return new Map(movers.map((mover) => [mover.index, mover]));
  }, [a, b]);
  return (
    <>
      <Agreement a={a} b={b} />
      <Switch
        mb="sm"
        label={t('compare.differences')}
        checked={onlyDifferences}
        onChange={({ currentTarget }) => setOnlyDifferences(currentTarget.checked)}
      />
      <div className={classes.columns}>
        {(['a', 'b'] as const).map((side) => (
          <SideColumn
            key={side}
            side={side}
            ranked={sides[side]}
            positions={positions}
            onlyDifferences={onlyDifferences}
            active={active}
            onActive={setActive}
          />
        ))}
      </div>
    </>
  );
}
