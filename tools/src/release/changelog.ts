/** The data of a release for its section of the changelog. */
export interface Release {
  version: string;
  /** Date as `2026-01-31`. */
  date: string;
  /** Texts of the changesets. */
  texts: readonly string[];
}

const unreleased = '## [Unreleased]\n';
const textForm = /^(Added|Changed|Deprecated|Removed|Fixed|Security): (\S[^]*)$/;

/** Parses a changeset's text into a heading of the changelog and its entry; undefined if the text has another form. */
export function parseText(text: string): { kind: string; entry: string } | undefined {
  const [, kind, what] = textForm.exec(text.trim()) ?? [];
  return kind && what ? { kind, entry: `- ${what.replace(/\n(?!\n)/g, '\n  ')}\n` } : undefined;
}

/**
 * Returns the changelog with a section for a release: the entries of Unreleased, and the texts of the changesets under
 * their headings.
 *
 * @throws if a text has another form, or the changelog has no Unreleased section
 */
export function withRelease(changelog: string, { version, date, texts }: Release): string {
  const start = changelog.indexOf(unreleased) + unreleased.length;
  if (start < unreleased.length) throw new Error(`The changelog has no line "${unreleased.trim()}"`);
  const next = changelog.indexOf('\n## ', start);
  const end = next < 0 ? changelog.length : next;
  const section = texts.reduce(withEntry, changelog.slice(start, end));
  return `${changelog.slice(0, start)}\n## [${version}] - ${date}\n${section}${changelog.slice(end)}`;
}

function withEntry(section: string, text: string): string {
  const parsed = parseText(text);
  if (!parsed) throw new Error(`A changeset does not begin with "Added: " or another heading: ${text}`);
  const heading = `\n### ${parsed.kind}\n`;
  const start = section.indexOf(heading);
  if (start < 0) return `${section}${heading}\n${parsed.entry}`;
  const next = section.indexOf('\n### ', start + heading.length);
  const end = next < 0 ? section.length : next;
  return section.slice(0, end) + parsed.entry + section.slice(end);
}
