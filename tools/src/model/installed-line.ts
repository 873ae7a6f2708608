/** The line in which `model` reports the bundle that it has installed or found. */
export function installedLine(bundle: { name: string; version: string; folder: string; isNew: boolean }): string {
  const { name, version, folder, isNew } = bundle;
  return `${isNew ? 'installed' : 'already installed:'} ${name}@${version} in ${folder}`;
}

/** The bundle that such a line names, as `<name>@<version>`; undefined for another line. */
export function bundleOfLine(line: string): string | undefined {
  return /^(?:already )?installed:? (\S+@\S+) in /.exec(line)?.[1];
}
