import React from 'react';
import { Combobox, ComboboxOption, InlineField, InlineFieldRow } from '@grafana/ui';
import { QueryEditorProps } from '@grafana/data';

import type { DataSource } from '../datasource';
import { FlinkOptions, FlinkQuery, LISTS, Values, VariableQuery } from '../types';
import { asVariableQuery } from '../variableQuery';
import { FilterField, LABEL_WIDTH, optionsOf } from './FilterField';

type Props = QueryEditorProps<DataSource, FlinkQuery, FlinkOptions, VariableQuery>;

const lists: Array<ComboboxOption<Values>> = (Object.keys(LISTS) as Values[]).map((value) => ({
  value,
  label: LISTS[value].label,
}));

/** The editor of a variable's query. A list that does not exist shows as none. */
export function VariableEditor({ datasource, query, onChange }: Props) {
  const chosen = asVariableQuery(query);
  const list = chosen.list && LISTS[chosen.list] ? chosen.list : undefined;
  const change = (part: Partial<VariableQuery>) => onChange({ ...chosen, ...part });
  return (
    <InlineFieldRow>
      <InlineField label="Values" labelWidth={LABEL_WIDTH} tooltip="What the variable lists" htmlFor="flink-list">
        <Combobox
          id="flink-list"
          options={lists}
          value={list ?? null}
          onChange={(option) => change({ list: option.value })}
          width={30}
        />
      </InlineField>
      {(list ? LISTS[list].filters : []).map((name) => (
        <FilterField
          key={name}
          name={name}
          value={chosen[name] ?? ''}
          options={(input) => optionsOf(datasource, chosen, name, input)}
          onChange={(value) => change({ [name]: value })}
        />
      ))}
    </InlineFieldRow>
  );
}
