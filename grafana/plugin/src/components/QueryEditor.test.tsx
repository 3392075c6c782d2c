import React from 'react';
import { fireEvent, render, screen } from '@testing-library/react';

import { DataSource } from '../datasource';
import { FlinkQuery, KINDS, QueryType } from '../types';
import { optionsOf, QueryEditor } from './QueryEditor';

const list = jest.fn().mockResolvedValue(['orders', 'payments']);
const datasource = { list } as unknown as DataSource;

function show(query: Partial<FlinkQuery>) {
  const onChange = jest.fn();
  const onRunQuery = jest.fn();
  render(
    <QueryEditor datasource={datasource} query={{ refId: 'A', ...query }} onChange={onChange} onRunQuery={onRunQuery} />
  );
  return { onChange, onRunQuery };
}

describe('QueryEditor', () => {
  it.each(Object.keys(KINDS) as QueryType[])('shows the filters of %s', (queryType) => {
    show({ queryType });
    for (const name of ['cluster', 'job', 'category', 'severity', 'mode', 'run', 'episode', 'outcome', 'seed', 'hash', 'other', 'kind'] as const) {
      expect(document.getElementById(`flink-${name}`) !== null).toBe(KINDS[queryType].filters.includes(name));
    }
    expect(document.getElementById('flink-frames') !== null).toBe(Boolean(KINDS[queryType].frames));
  });

  it('begins with episodes, also for a kind that is gone', () => {
    show({ queryType: 'nonsense' as QueryType });
    expect(screen.getByDisplayValue('Episodes')).toBeInTheDocument();
  });

  it('runs the query when the limit is left', () => {
    const { onChange, onRunQuery } = show({ queryType: 'findings', job: '$job' });
    fireEvent.blur(screen.getByLabelText('Rows'), { target: { value: '20' } });
    expect(onChange).toHaveBeenCalledWith(expect.objectContaining({ queryType: 'findings', job: '$job', limit: 20 }));
    expect(onRunQuery).toHaveBeenCalled();
  });

  it('has no limit for what is no number', () => {
    const { onChange } = show({ queryType: 'findings' });
    fireEvent.blur(screen.getByLabelText('Rows'), { target: { value: '-1' } });
    expect(onChange).toHaveBeenCalledWith(expect.objectContaining({ limit: undefined }));
  });
});

describe('optionsOf', () => {
  it('asks the sidecar, within the chosen cluster', async () => {
    const found = await optionsOf(datasource, { refId: 'A', cluster: 'prod', job: '$job' }, 'category', 'PAY');
    expect(list).toHaveBeenLastCalledWith('categories', { cluster: 'prod', job: undefined });
    expect(found).toEqual([{ value: 'payments', label: 'payments' }]);
  });

  it('knows the severities', async () => {
    expect(await optionsOf(datasource, { refId: 'A' }, 'severity', '')).toHaveLength(3);
  });

  it('offers nothing while the sidecar does not answer', async () => {
    list.mockRejectedValueOnce(new Error('gone'));
    expect(await optionsOf(datasource, { refId: 'A' }, 'job', '')).toEqual([]);
  });
});
