import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import ts from 'typescript';

/** Grafana's panel type -> folder and prefix of its types in `@grafana/schema`, and whether its fields have options. */
const kinds: Readonly<Record<string, { folder: string; prefix: string; hasFields: boolean }>> = {
  barchart: { folder: 'barchart', prefix: 'BarChart', hasFields: true },
  bargauge: { folder: 'bargauge', prefix: 'BarGauge', hasFields: false },
  gauge: { folder: 'gauge', prefix: 'Gauge', hasFields: false },
  heatmap: { folder: 'heatmap', prefix: 'Heatmap', hasFields: true },
  stat: { folder: 'stat', prefix: 'Stat', hasFields: false },
  'state-timeline': { folder: 'statetimeline', prefix: 'StateTimeline', hasFields: true },
  table: { folder: 'table', prefix: 'Table', hasFields: true },
  timeseries: { folder: 'timeseries', prefix: 'TimeSeries', hasFields: true },
};

/**
 * `Json` is the JSON form of a type: values of enums instead of the enums. Everything else stays the same, so that the
 * compiler reports an unknown option, a missing option and a wrong value.
 */
const helpers = `
type Json<T> = T extends string ? \`\${T}\` : T extends (infer E)[] ? Json<E>[] : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
type Fields<F> = Json<Omit<raw.FieldConfigSource, 'defaults'>> & { defaults: Json<Omit<raw.FieldConfig, 'custom'>> & { custom?: Json<F> } };
type Target = Json<DataQuery> & Record<string, unknown>;
type Checked<O, F> = Json<Omit<raw.Panel, 'options' | 'fieldConfig' | 'targets'>> & { options: Json<O>; fieldConfig: Fields<F>; targets: Target[] };
`;

/** A program that assigns each panel of a dashboard to its type. Throws on a panel type that `kinds` does not have. */
export function schemaProgram(dashboard: Dashboard): string {
  const panels = dashboard.panels ?? [];
  const used = [...new Set(panels.map(({ type }) => type))].filter((type) => type !== 'row');
  const imports = used.map((type) => {
    const { folder, prefix } = kindOf(type);
    return `import type * as ${folder} from '@grafana/schema/dist/esm/raw/composable/${folder}/panelcfg/x/${prefix}PanelCfg_types.gen';`;
  });
  const constants = panels.map(
    (panel, i) => `export const panel${i}: ${typeOf(panel as Panel)} = ${JSON.stringify(panel)};`,
  );
  return [
    "import type { DataQuery } from '@grafana/schema';",
    "import type * as raw from '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';",
    ...imports,
    helpers,
    ...constants,
  ].join('\n');
}

function typeOf({ type }: Panel): string {
  if (type === 'row') return 'Json<raw.RowPanel>';
  const { folder, hasFields } = kindOf(type);
  return `Checked<${folder}.Options, ${hasFields ? `${folder}.FieldConfig` : 'Record<string, never>'}>`;
}

function kindOf(type: string): { folder: string; prefix: string; hasFields: boolean } {
  const kind = kinds[type];
  if (!kind) throw new RangeError(`panels of type ${type} are not checked yet: add the type to kinds`);
  return kind;
}

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};

/** Compiles programs that exist only in memory, as if they were in `folder`. Returns name -> errors of the compiler. */
export function compileErrors(folder: string, programs: ReadonlyMap<string, string>): Map<string, string[]> {
  const sources = new Map([...programs].map(([name, text]) => [`${folder}/${name}.ts`, text]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = sources.get(path);
    return text === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  const messages = (path: string) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  return new Map([...programs.keys()].map((name) => [name, messages(`${folder}/${name}.ts`)]));
}
