import classes from './figure.module.css';

interface FigureProps {
  name: string;
  value: string;
  /** Shows the value beside its name, for several in a line; otherwise below it. */
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
