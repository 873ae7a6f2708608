import { Copy, DockerfileParser, From, Healthcheck, type Instruction, PropertyInstruction } from 'dockerfile-ast';

/** One stage of a Dockerfile. */
export interface Stage {
  /** Its name, or its number (from 0) if it has no name. */
  name: string;
  /** The image or the earlier stage of its FROM. */
  from: string;
  instructions: Instruction[];
}

/** A `COPY` instruction. */
export interface Copied {
  /** The source stage or image; undefined = the build context. */
  from: string | undefined;
  sources: string[];
}

/** The stages of a Dockerfile, in order. */
export function parseStages(dockerfile: string): Stage[] {
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    if (instruction instanceof From) {
      const name = instruction.getBuildStage() ?? String(stages.length);
      stages.push({ name, from: instruction.getImage() ?? '', instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(instruction);
    }
  }
  return stages;
}

/** The arguments of the last instruction of a kind, as written; undefined if there is none. */
export function lastArguments({ instructions }: Stage, keyword: string): string[] | undefined {
  const last = instructions.findLast((each) => each.getKeyword() === keyword);
  return last?.getArguments().map((argument) => argument.getValue());
}

/** Arguments in exec form (JSON); undefined for shell form. */
export function execForm(args: readonly string[]): string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(args.join(' '));
    return Array.isArray(parsed) && parsed.every((each) => typeof each === 'string') ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The command of the last health check in exec form; undefined if there is none, or one in shell form. */
export function healthCommand({ instructions }: Stage): string[] | undefined {
  const last = instructions.findLast((each) => each instanceof Healthcheck);
  const [kind, ...args] = last?.getArguments().map((argument) => argument.getValue()) ?? [];
  return kind === 'CMD' ? execForm(args) : undefined;
}

/** All values of the `ENV`, `ARG` or `LABEL` instructions of a stage, as written. */
export function properties({ instructions }: Stage, keyword: 'ENV' | 'ARG' | 'LABEL'): Record<string, string> {
  const set = instructions
    .filter((each) => each instanceof PropertyInstruction && each.getKeyword() === keyword)
    .flatMap((each) => (each as PropertyInstruction).getProperties());
  return Object.fromEntries(set.map((property) => [property.getName(), property.getValue() ?? '']));
}

/** All `COPY` instructions of a stage. */
export function copies({ instructions }: Stage): Copied[] {
  return instructions
    .filter((each) => each instanceof Copy)
    .map((copy) => ({
      from: copy.getFromFlag()?.getValue() ?? undefined,
      sources: copy
        .getArguments()
        .slice(0, -1)
        .map((argument) => argument.getValue()),
    }));
}
