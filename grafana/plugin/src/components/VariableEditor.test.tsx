import React from 'react';
import { render, screen } from '@testing-library/react';

import { DataSource } from '../datasource';
import { LISTS, Values, VariableQuery } from '../types';
import { VariableEditor } from './VariableEditor';

const datasource = { list: jest.fn().mockResolvedValue(['orders']) } as unknown as DataSource;

function show(query: VariableQuery | string) {
  const onChange = jest.fn();
  render(<VariableEditor datasource={datasource} query={query as VariableQuery} onChange={onChange} onRunQuery={jest.fn()} />);
  return onChange;
}

describe('VariableEditor', () => {
  it.each(Object.keys(LISTS) as Values[])('shows the filters of %s', (list) => {
    show({ refId: 'Variable', list });
    expect(screen.getByDisplayValue(LISTS[list].label)).toBeInTheDocument();
    for (const name of ['cluster', 'job'] as const) {
      expect(document.getElementById(`flink-${name}`) !== null).toBe(LISTS[list].filters.includes(name));
    }
  });

  it('reads the text of an older dashboard', () => {
    show('episodes($cluster)');
    expect(screen.getByLabelText('Values')).toHaveValue('Episodes');
    expect(screen.getByLabelText('Cluster')).toHaveValue('$cluster');
    expect(screen.getByLabelText('Job')).toHaveValue('');
  });

  it.each(['', { refId: 'B', query: 'label_values(job)' } as VariableQuery])('begins with jobs', (query) => {
    show(query);
    expect(screen.getByLabelText('Values')).toHaveValue('Jobs');
  });

  it('shows a list that is gone as none', () => {
    show({ refId: 'Variable', list: 'secrets' as Values });
    expect(screen.getByLabelText('Values')).toHaveValue('');
    expect(screen.queryByLabelText('Cluster')).toBeNull();
  });
});
