import React, { useEffect, useState } from 'react';
import {
  applyFieldOverrides,
  cacheFieldDisplayNames,
  DataFrame,
  DataTransformerConfig,
  FieldConfigOptionsRegistry,
  FieldConfigSource,
  FieldType,
  getFieldDisplayValues,
  ReduceDataOptions,
  standardTransformers,
  standardTransformersRegistry,
  toDataFrame,
  transformDataFrame,
} from '@grafana/data';
import { BigValue, BigValueColorMode, BigValueGraphMode, BigValueTextMode, useTheme2 } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { firstValueFrom } from 'rxjs';

/** One series of an instant query: its labels and its value. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** The answers to the queries of a panel, by their letters. */
export type Answers = Record<string, Sample[]>;

/** A panel of a dashboard, as its file has it. */
export interface BoardPanel {
  title: string;
  type: string;
  targets: Array<{ refId: string; legendFormat?: string }>;
  fieldConfig: FieldConfigSource;
  transformations?: DataTransformerConfig[];
  options: {
    colorMode: BigValueColorMode;
    textMode: BigValueTextMode;
    reduceOptions: ReduceDataOptions;
    sortBy?: Array<{ displayName: string; desc: boolean }>;
  };
}

/** What the panels set of a field. Grafana has an editor for each, which nothing here needs. */
const properties = [
  ...['unit', 'min', 'max', 'decimals', 'color', 'thresholds', 'mappings', 'noValue', 'links'].map((id) => [id, id]),
  ['custom.cellOptions', 'cellOptions'],
  ['custom.width', 'width'],
].map(([id, path]) => ({
  id,
  path,
  name: id,
  isCustom: id !== path,
  process: (value: unknown) => value,
  shouldApply: () => true,
}));
const registry = new FieldConfigOptionsRegistry(() => properties as never);

const { mergeTransformer, filterFieldsByNameTransformer, organizeFieldsTransformer } = standardTransformers;
standardTransformersRegistry.setInit(() =>
  [mergeTransformer, filterFieldsByNameTransformer, organizeFieldsTransformer].map(
    (t) => ({ id: t.id, name: t.name, transformation: async () => t }) as never
  )
);

/** Replaces a name in double braces by its label. */
const legend = (format: string, labels: Record<string, string>) =>
  format.replace(/{{(\w+)}}/g, (_, name) => labels[name] ?? '');

/** The frames that the Prometheus data source makes of instant queries. */
function framesOf(panel: BoardPanel, answers: Answers): DataFrame[] {
  const several = panel.targets.length > 1;
  return panel.targets.flatMap(({ refId, legendFormat = '' }) => {
    const samples = answers[refId] ?? [];
    if (panel.type !== 'table') {
      return samples.map(({ labels, value }) =>
        toDataFrame({
          refId,
          fields: [
            { name: 'Time', type: FieldType.time, values: [0] },
            { name: 'Value', type: FieldType.number, values: [value], labels, config: { displayNameFromDS: legend(legendFormat, labels) } },
          ],
        })
      );
    }
    const labels = [...new Set(samples.flatMap((s) => Object.keys(s.labels)))];
    const fields = [
      { name: 'Time', type: FieldType.time, values: samples.map(() => 0) },
      ...labels.map((name) => ({ name, type: FieldType.string, values: samples.map((s) => s.labels[name]) })),
      { name: several ? `Value #${refId}` : 'Value', type: FieldType.number, values: samples.map((s) => s.value) },
    ];
    return samples.length ? [toDataFrame({ refId, fields })] : [];
  });
}

/** Grafana reads the null of the least threshold so, when it opens a dashboard. */
function restored(config: FieldConfigSource): FieldConfigSource {
  return JSON.parse(JSON.stringify(config), (key, value) =>
    key === 'steps' ? value.map((s: { value: number | null }) => ({ ...s, value: s.value ?? -Infinity })) : value
  );
}

/** Draws a table or a stat as Grafana's panels do. */
export function BoardView({ panel, answers }: { panel: BoardPanel; answers: Answers }) {
  const theme = useTheme2();
  const [frames, setFrames] = useState<DataFrame[]>();
  const fieldConfig = restored(panel.fieldConfig);
  const common = { fieldConfig, theme, replaceVariables: (text: string) => text, timeZone: 'utc' };
  useEffect(() => {
    firstValueFrom(transformDataFrame(panel.transformations ?? [], framesOf(panel, answers))).then(setFrames);
  }, [panel, answers]);
  if (!frames) {
    return null;
  }
  const data = applyFieldOverrides({ ...common, data: frames, fieldConfigRegistry: registry });
  cacheFieldDisplayNames(data);
  if (panel.type === 'table') {
    return data.length ? (
      <TableNG data={data[0]} width={1200} height={260} sortBy={panel.options.sortBy} enableVirtualization={false} />
    ) : (
      <p>{fieldConfig.defaults.noValue ?? 'No data'}</p>
    );
  }
  return (
    <>
      {getFieldDisplayValues({ ...common, data, reduceOptions: panel.options.reduceOptions }).map(({ display }, i) => (
        <BigValue
          key={i}
          value={display}
          theme={theme}
          width={290}
          height={110}
          colorMode={panel.options.colorMode}
          graphMode={BigValueGraphMode.None}
          textMode={panel.options.textMode}
        />
      ))}
    </>
  );
}
