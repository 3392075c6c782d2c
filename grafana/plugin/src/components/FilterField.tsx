import React from 'react';
import { Combobox, ComboboxOption, InlineField } from '@grafana/ui';

import type { DataSource } from '../datasource';
import { Filter, FILTERS } from '../types';

export const LABEL_WIDTH = 16;

interface Props {
  name: Filter;
  value: string;
  options: (input: string) => Promise<Array<ComboboxOption<string>>>;
  onChange: (value: string) => void;
  /** Nothing can be asked without a value. */
  lacking?: boolean;
}

/** A picker that also takes what is typed: a variable, or a name that is gone. */
export function FilterField({ name, value, options, onChange, lacking }: Props) {
  const { label, tooltip } = FILTERS[name];
  return (
    <InlineField
      label={label}
      labelWidth={LABEL_WIDTH}
      tooltip={tooltip}
      htmlFor={`flink-${name}`}
      invalid={lacking}
      error={`${label} is empty: choose one`}
    >
      <Combobox
        id={`flink-${name}`}
        options={options}
        value={value || null}
        onChange={(option: ComboboxOption<string> | null) => onChange(option?.value ?? '')}
        placeholder={lacking ? 'none' : 'any'}
        invalid={lacking}
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
  chosen: { cluster?: string; job?: string },
  name: Filter,
  input: string
): Promise<Array<ComboboxOption<string>>> {
  const { values, words } = FILTERS[name];
  let all = words ?? [];
  if (values) {
    const filters = { cluster: plain(chosen.cluster), job: name === 'job' ? undefined : plain(chosen.job) };
    all = await datasource.list(values, filters).catch(() => []);
  }
  const wanted = input.toLowerCase();
  return all.filter((v) => v.toLowerCase().includes(wanted)).map((value) => ({ value, label: value }));
}

/** A variable selects no options. */
const plain = (text?: string) => (text && !text.includes('$') ? text : undefined);
