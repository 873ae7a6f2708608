import classes from './results.module.css';

/** A name with its value, within a `<dl>`. */
export function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
