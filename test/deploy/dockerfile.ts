import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, rename, stat, symlink } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { DockerfileParser, Copy, type Instruction } from 'dockerfile-ast';

/** What a Dockerfile has built: a file system below `root`, and how to start what is in it. */
export class Image {
  workdir = '/';
  readonly env: Record<string, string> = {};
  user = 'root';
  entrypoint: readonly string[] = [];
  command: readonly string[] = [];
  healthcheck: readonly string[] = [];

  constructor(
    readonly base: string,
    readonly root: string,
  ) {}

  /** Where a path of the image is here. */
  at(path: string): string {
    return join(this.root, posix.resolve(this.workdir, path));
  }

  start(environment: Readonly<Record<string, string>>): ChildProcess {
    return spawn(...this.invocation([...this.entrypoint, ...this.command]), {
      cwd: this.at('.'),
      env: this.environment(environment),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  isHealthy(environment: Readonly<Record<string, string>>): boolean {
    const env = this.environment(environment);
    return spawnSync(...this.invocation(this.healthcheck), { env }).status === 0;
  }

  /** Arguments that are absolute paths are paths of the image. */
  private invocation([program, ...args]: readonly string[]): [string, string[]] {
    return [program, args.map((arg) => (/^\/\w/.test(arg) ? this.at(arg) : arg))];
  }

  /** A shell's few variables, what the image sets, and that packages need not be asked for anew. */
  private environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    const { PATH, HOME } = process.env;
    return { PATH, HOME, npm_config_prefer_offline: 'true', ...this.env, ...more };
  }

  /** @throws with what it printed when it fails */
  run(command: string): void {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd: this.at('.'),
      env: this.environment({}),
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`RUN ${command}\n${stdout}${stderr}`);
  }
}

/**
 * Carries out the instructions of a Dockerfile below temporary folders, without a container: COPY and RUN as they stand,
 * on the programs of this machine. The last stage.
 *
 * Two things are done in less time: packages for development are those that are installed here, by the same lock file;
 * and what is copied from another stage is moved.
 *
 * @param context folder that is copied from
 */
export async function build(dockerfile: string, context: string, dir: string): Promise<Image> {
  const stages = new Map<string, Image>();
  let image: Image | undefined;
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const [base, , name = ''] = words(instruction);
      image = new Image(base, await mkdtemp(join(dir, 'stage-')));
      stages.set(name, image);
    } else await apply(instruction, image!, context, stages);
  }
  return image!;
}

async function apply(
  instruction: Instruction,
  image: Image,
  context: string,
  stages: ReadonlyMap<string, Image>,
): Promise<void> {
  const content = instruction.getRawArgumentsContent() ?? '';
  switch (instruction.getKeyword()) {
    case 'WORKDIR':
      image.workdir = posix.resolve(image.workdir, content);
      await mkdir(image.at('.'), { recursive: true });
      return;
    case 'COPY':
      if (!(instruction instanceof Copy)) throw new Error('COPY that is none');
      return copy(instruction, image, context, stages);
    case 'RUN':
      if (/^npm ci (?!.*--omit=dev)/.test(content))
        return symlink(join(context, 'node_modules'), image.at('node_modules'));
      return image.run(content.replaceAll('\\\n', ' '));
    case 'ENV':
      for (const [, name, value] of content.matchAll(/(\w+)=(\S+)/g)) image.env[name] = value;
      return;
    case 'USER':
      image.user = content;
      return;
    case 'ENTRYPOINT':
      image.entrypoint = JSON.parse(content) as string[];
      return;
    case 'CMD':
      image.command = JSON.parse(content) as string[];
      return;
    case 'HEALTHCHECK':
      image.healthcheck = JSON.parse(content.slice(content.indexOf('['))) as string[];
      return;
    case 'LABEL':
    case 'EXPOSE':
      return;
    default:
      throw new Error(`${instruction.getKeyword()}: not known to this test`);
  }
}

/** The content of a folder, or a file, into the target. */
async function copy(
  instruction: Copy,
  image: Image,
  context: string,
  stages: ReadonlyMap<string, Image>,
): Promise<void> {
  const from = instruction.getFromFlag()?.getValue() ?? undefined;
  const sources = words(instruction);
  const target = sources.pop()!;
  for (const source of sources) {
    if (from !== undefined) {
      await rename(stages.get(from)!.at(source), image.at(target));
      continue;
    }
    const path = join(context, source);
    const isFolder = (await stat(path)).isDirectory();
    const to = isFolder || !target.endsWith('/') ? image.at(target) : join(image.at(target), basename(source));
    await cp(path, to, { recursive: true });
  }
}

function words(instruction: Instruction): string[] {
  return instruction
    .getArguments()
    .map((argument) => argument.getValue())
    .filter((word) => !word.startsWith('--'));
}
