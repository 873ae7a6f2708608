import { type Stage, copies, execForm, healthCommand, lastArguments, parseStages, properties } from './dockerfile';

/** Facts with which a Dockerfile is compared. */
export interface Facts {
  /** Ports that the app listens on by default. */
  ports: number[];
  /** Version of the repository's package. */
  version: string;
  /** Whether the build context contains a path, relative to the repository. */
  inContext(path: string): boolean;
  /** Files that the build creates, relative to `dist`. */
  built: string[];
}

/** Folder in which the Dockerfiles build the repository. */
const builtFolder = '/src/dist/';
const labels = ['title', 'version', 'licenses'].map((name) => `org.opencontainers.image.${name}`);

/** One line per promise of docs/operations/images.md that a Dockerfile breaks. */
export function brokenPromises(dockerfile: string, facts: Facts): string[] {
  const stages = parseStages(dockerfile);
  const last = stages.at(-1);
  if (!last) return ['it has no FROM'];
  const images = imageStages(stages);
  return [
    ...stages.flatMap((stage, index) => unpinned(stage, stages.slice(0, index))),
    ...stages.flatMap((stage, index) => unknownCopies(stage, { earlier: stages.slice(0, index), facts })),
    ...(images.includes(last) || images.some(({ name }) => name === last.from)
      ? []
      : ['the last stage is not one that runs']),
    ...images.flatMap((stage) =>
      [...brokenUser(stage), ...brokenStart(stage), ...brokenNetwork(stage, facts), ...brokenLabels(stage, facts)].map(
        (problem) => `stage ${stage.name}: ${problem}`,
      ),
    ),
  ];
}

/** The stages that become images, which are those with a command. */
export function imageStages(stages: readonly Stage[]): Stage[] {
  return stages.filter((stage) => lastArguments(stage, 'CMD') !== undefined);
}

function unpinned({ from }: Stage, earlier: readonly Stage[]): string[] {
  return isPinned(from, earlier) ? [] : [`FROM ${from} is neither an earlier stage nor pinned to a full version`];
}

/** Whether it is an earlier stage, or an image with a full version or a digest. */
function isPinned(image: string, earlier: readonly Stage[]): boolean {
  return earlier.some(({ name }) => name === image) || /:\d+\.\d+\.\d+[^/]*$|@sha256:[0-9a-f]{64}$/.test(image);
}

function unknownCopies(stage: Stage, { earlier, facts }: { earlier: readonly Stage[]; facts: Facts }): string[] {
  return copies(stage).flatMap(({ from, sources }) => {
    if (from !== undefined && !isPinned(from, earlier)) return [`COPY --from=${from} is not an earlier stage`];
    const exists = (source: string) => (from === undefined ? facts.inContext(source) : isMade(source, facts.built));
    return sources.filter((source) => !exists(source)).map((source) => `COPY of ${source}, which nothing creates`);
  });
}

/** Whether the build creates a file or folder of `dist`. Other folders of a stage are not checked. */
function isMade(source: string, built: readonly string[]): boolean {
  if (!source.startsWith(builtFolder)) return true;
  const path = source.slice(builtFolder.length);
  return built.some((file) => file === path || file.startsWith(`${path}/`));
}

function brokenUser(stage: Stage): string[] {
  const [user = 'absent'] = lastArguments(stage, 'USER') ?? [];
  return /^[1-9]\d*:[1-9]\d*$/.test(user)
    ? []
    : [`USER is ${user}, not the numeric ids of an unprivileged user and group`];
}

function brokenStart(stage: Stage): string[] {
  const [entrypoint, command] = ['ENTRYPOINT', 'CMD'].map((keyword) => execForm(lastArguments(stage, keyword) ?? []));
  const problems: string[] = [];
  if (entrypoint?.length !== 0) problems.push('ENTRYPOINT is not [], so that of the base runs before node');
  if (command?.[0] !== 'node') problems.push('CMD is not node in exec form, so node is not process 1');
  if (healthCommand(stage)?.[0] !== 'node') problems.push('HEALTHCHECK is not node in exec form');
  if (lastArguments(stage, 'STOPSIGNAL')?.[0] !== 'SIGTERM') problems.push('STOPSIGNAL is not SIGTERM');
  if (properties(stage, 'ENV')['NODE_ENV'] !== 'production') problems.push('NODE_ENV is not production');
  return problems;
}

function brokenNetwork(stage: Stage, { ports }: Facts): string[] {
  const exposed = stage.instructions
    .filter((each) => each.getKeyword() === 'EXPOSE')
    .flatMap((each) => each.getArguments().map((argument) => argument.getValue()));
  const env = properties(stage, 'ENV');
  const set = ['PORT', 'OPS_PORT'].flatMap((name) => env[name] ?? []);
  const hosts = set.length === 2 ? ['HOST', 'OPS_HOST'] : ['OPS_HOST'];
  const wanted = inOrder(ports.map(String));
  return [
    ...(inOrder(exposed) === wanted ? [] : [`EXPOSE ${inOrder(exposed)}, but the app listens on ${wanted}`]),
    ...(inOrder(set) === wanted ? [] : [`ENV sets the ports ${inOrder(set)}, but the app's are ${wanted}`]),
    ...hosts
      .filter((name) => env[name] !== '0.0.0.0')
      .map((name) => `${name} is not 0.0.0.0: the app could not be reached`),
  ];
}

function inOrder(ports: readonly string[]): string {
  return [...ports].sort().join(' ');
}

function brokenLabels(stage: Stage, { version }: Facts): string[] {
  const set = properties(stage, 'LABEL');
  const given = properties(stage, 'ARG')['VERSION'];
  return [
    ...labels.filter((label) => !set[label]).map((label) => `there is no label ${label}`),
    ...(given === version ? [] : [`ARG VERSION is ${given}, but the package's version is ${version}`]),
  ];
}
