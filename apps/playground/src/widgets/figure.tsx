import classes from './figure.module.css';

interface FigureProps {
  name: string;
  value: string;
  /** The value beside its name, for a line of them; else below it. */
  isInline?: boolean;
}

/** A name with its value, within a `<dl>`. */
export function Figure({ name, value, isInline = false }: FigureProps) {
  return (
    <div className={classes.figure} data-inline={isInline || undefined}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
