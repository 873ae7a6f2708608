import { Text, Title } from '@mantine/core';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { movements } from '../ranking/order';
import { type MoveLink, MoveLines } from './move-lines';
import { MoveRow } from './move-row';
import classes from './moves.module.css';
import type { Ranked } from '../run/run';
import { ShowMore } from './show-more';
import { useShown } from './use-shown';

/** The sent order beside the order by relevance. Pointing at a document shows both its positions. */
export function MovesTab({ ranked: { request, ranking } }: { ranked: Ranked }) {
  const { t } = useTranslation();
  const id = useId();
  const [active, setActive] = useState<number | null>(null);
  const after = useMemo(() => movements(ranking.results), [ranking.results]);
  const before = useMemo(() => [...after].sort((left, right) => left.before - right.before), [after]);
  const list = useShown(after.length);
  const links: MoveLink[] = after
    .filter((move) => move.before <= list.shown && move.after <= list.shown)
    .map((move) => ({ ...move, isActive: move.index === active }));
  const column = (side: 'before' | 'after') => (
    <div className={classes.column}>
      <Title order={3} size="sm" id={`${id}-${side}`} className={classes.heading}>
        {t(`moves.${side}`)}
      </Title>
      <ol role="list" aria-labelledby={`${id}-${side}`} className={classes.list}>
        {(side === 'before' ? before : after).slice(0, list.shown).map((move) => (
          <MoveRow
            key={move.index}
            side={side}
            move={move}
            text={request.documents[move.index] ?? ''}
            isActive={move.index === active}
            onActive={setActive}
            idPrefix={id}
          />
        ))}
      </ol>
    </div>
  );
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {t('moves.hint')}
      </Text>
      <div className={classes.board}>
        {column('before')}
        <MoveLines links={links} rows={list.shown} />
        {column('after')}
      </div>
      <ShowMore list={list} count={after.length} />
    </>
  );
}
