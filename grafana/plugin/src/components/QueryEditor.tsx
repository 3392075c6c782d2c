import React, { ChangeEvent } from 'react';
import { Combobox, ComboboxOption, InlineField, InlineFieldRow, Input } from '@grafana/ui';
import { QueryEditorProps } from '@grafana/data';

import type { DataSource } from '../datasource';
import { FlinkOptions, FlinkQuery, isAlerting, KINDS, lacks, QueryType } from '../types';
import { FilterField, LABEL_WIDTH, optionsOf } from './FilterField';

interface Props extends QueryEditorProps<DataSource, FlinkQuery, FlinkOptions> {
  /** The one kind that is offered, where there is no choice. */
  only?: QueryType;
}

const kinds: Array<ComboboxOption<QueryType>> = (Object.keys(KINDS) as QueryType[]).map((value) => ({
  value,
  label: KINDS[value].label,
  description: KINDS[value].description,
}));

/** The kinds that an alert rule can judge, and the one that it has. */
const forAlerts = (chosen: QueryType) => kinds.filter(({ value }) => KINDS[value].alerts || value === chosen);

export function QueryEditor({ datasource, query, onChange, onRunQuery, app, only }: Props) {
  const queryType = only ?? (query.queryType && KINDS[query.queryType] ? query.queryType : 'episodes');
  const kind = KINDS[queryType];
  const alerting = isAlerting(app);
  const lacking = lacks({ ...query, queryType });

  const change = (part: Partial<FlinkQuery>) => {
    onChange({ ...query, queryType, ...part });
    onRunQuery();
  };

  return (
    <>
      <InlineFieldRow>
        {!only && (
          <InlineField
            label="Show"
            labelWidth={LABEL_WIDTH}
            tooltip={kind.description}
            htmlFor="flink-query-type"
            invalid={alerting && !kind.alerts}
            error="An alert rule cannot judge this: choose measurements, hops or trends"
          >
            <Combobox
              id="flink-query-type"
              options={alerting ? forAlerts(queryType) : kinds}
              value={queryType}
              onChange={(option) => change({ queryType: option.value })}
              width={42}
            />
          </InlineField>
        )}
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
            lacking={name === lacking}
          />
        ))}
      </InlineFieldRow>
    </>
  );
}

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
