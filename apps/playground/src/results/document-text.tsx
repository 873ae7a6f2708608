import { UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ExcerptPart, excerpt, wholeText } from './excerpt';
import classes from './results.module.css';

interface DocumentTextProps {
  text: string;
  /** Number of UTF-16 code units that the model read; null: all. */
  readCharacters: number | null;
}

/** A document's text, shortened if it is long. Text that the model did not read is struck through. */
export function DocumentText({ text, readCharacters }: DocumentTextProps) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const short = excerpt(text, readCharacters);
  const { parts } = isOpen ? wholeText(text, readCharacters) : short;
  return (
    <div>
      <p className={classes.text}>
        {parts.map((part, index) => (
          <Part key={index} part={part} />
        ))}
      </p>
      {short.isShortened && (
        <UnstyledButton className={classes.unfold} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {t(isOpen ? 'results.showLess' : 'results.showText')}
        </UnstyledButton>
      )}
    </div>
  );
}

function Part({ part }: { part: ExcerptPart }) {
  const { t } = useTranslation();
  switch (part.kind) {
    case 'read':
      return part.text;
    case 'gap':
      return ' … ';
    case 'notRead':
      return (
        <>
          <VisuallyHidden> {t('item.notRead')} </VisuallyHidden>
          <s className={classes.notRead}>{part.text}</s>
        </>
      );
    default:
      return part satisfies never;
  }
}
