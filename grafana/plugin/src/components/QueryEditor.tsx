import React, { ChangeEvent } from 'react';
import { Combobox, ComboboxOption, InlineField, InlineFieldRow, Input } from '@grafana/ui';
import { QueryEditorProps } from '@grafana/data';

import { DataSource } from '../datasource';
import { Filter, FILTERS, FlinkOptions, FlinkQuery, KINDS, QueryType } from '../types';

type Props = QueryEditorProps<DataSource, FlinkQuery, FlinkOptions>;

const LABEL_WIDTH = 16;

const kinds: Array<ComboboxOption<QueryType>> = (Object.keys(KINDS) as QueryType[]).map((value) => ({
  value,
  label: KINDS[value].label,
  description: KINDS[value].description,
}));

export function QueryEditor({ datasource, query, onChange, onRunQuery }: Props) {
  const queryType = query.queryType && KINDS[query.queryType] ? query.queryType : 'episodes';
  const kind = KINDS[queryType];

  const change = (part: Partial<FlinkQuery>) => {
    onChange({ ...query, queryType, ...part });
    onRunQuery();
  };

  return (
    <>
      <InlineFieldRow>
        <InlineField label="Show" labelWidth={LABEL_WIDTH} tooltip={kind.description} htmlFor="flink-query-type">
          <Combobox
            id="flink-query-type"
            options={kinds}
            value={queryType}
            onChange={(option) => change({ queryType: option.value })}
            width={42}
          />
        </InlineField>
        {kind.rows && (
          <NumberField id="limit" label="Rows" placeholder="1000" value={query.limit} onChange={(limit) => change({ limit })} />
        )}
        {kind.frames && (
          <NumberField id="frames" label="Frames" placeholder="5000" value={query.frames} onChange={(frames) => change({ frames })} />
        )}
      </InlineFieldRow>
      <InlineFieldRow>
        {kind.filters.map((name) => (
          <FilterField
            key={name}
            name={name}
            value={query[name] ?? ''}
            options={(input) => optionsOf(datasource, query, name, input)}
            onChange={(value) => change({ [name]: value })}
          />
        ))}
      </InlineFieldRow>
    </>
  );
}

interface FilterProps {
  name: Filter;
  value: string;
  options: (input: string) => Promise<Array<ComboboxOption<string>>>;
  onChange: (value: string) => void;
}

/** A picker that also takes what is typed: a variable, or a name that is gone. */
function FilterField({ name, value, options, onChange }: FilterProps) {
  const { label, tooltip } = FILTERS[name];
  return (
    <InlineField label={label} labelWidth={LABEL_WIDTH} tooltip={tooltip} htmlFor={`flink-${name}`}>
      <Combobox
        id={`flink-${name}`}
        options={options}
        value={value || null}
        onChange={(option: ComboboxOption<string> | null) => onChange(option?.value ?? '')}
        placeholder="any"
        createCustomValue
        isClearable
        width={30}
      />
    </InlineField>
  );
}

/** The options of a picker; where the sidecar does not answer there are none, and the query says why. */
export async function optionsOf(
  datasource: Pick<DataSource, 'list'>,
  query: FlinkQuery,
  name: Filter,
  input: string
): Promise<Array<ComboboxOption<string>>> {
  const { values, words } = FILTERS[name];
  let all = words ?? [];
  if (values) {
    const filters = { cluster: plain(query.cluster), job: name === 'job' ? undefined : plain(query.job) };
    all = await datasource.list(values, filters).catch(() => []);
  }
  const wanted = input.toLowerCase();
  return all.filter((v) => v.toLowerCase().includes(wanted)).map((value) => ({ value, label: value }));
}

/** A variable selects no options. */
const plain = (text?: string) => (text && !text.includes('$') ? text : undefined);

interface NumberProps {
  id: string;
  label: string;
  placeholder: string;
  value?: number;
  onChange: (value?: number) => void;
}

function NumberField({ id, label, placeholder, value, onChange }: NumberProps) {
  const parsed = (event: ChangeEvent<HTMLInputElement>) => {
    const number = parseInt(event.target.value, 10);
    onChange(number > 0 ? number : undefined);
  };
  return (
    <InlineField label={label} labelWidth={10} tooltip="At most" htmlFor={`flink-${id}`}>
      <Input id={`flink-${id}`} type="number" min={1} defaultValue={value} placeholder={placeholder} onBlur={parsed} width={12} />
    </InlineField>
  );
}
