import React, { ComponentProps } from 'react';
import { CoreApp } from '@grafana/data';
import { fireEvent, render, screen } from '@testing-library/react';

import { DataSource } from '../datasource';
import { FlinkQuery, KINDS, QueryType } from '../types';
import { AnnotationEditor } from './AnnotationEditor';
import { optionsOf } from './FilterField';
import { QueryEditor } from './QueryEditor';

const list = jest.fn().mockResolvedValue(['orders', 'payments']);
const datasource = { list } as unknown as DataSource;

function show(query: Partial<FlinkQuery>, app?: CoreApp, Editor: React.FC<ComponentProps<typeof QueryEditor>> = QueryEditor) {
  const onChange = jest.fn();
  const onRunQuery = jest.fn();
  const props = { datasource, app, onChange, onRunQuery, query: { refId: 'A', ...query } };
  render(<Editor {...props} />);
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

  it('says what an episode is needed for', () => {
    show({ queryType: 'logs' });
    expect(screen.getByRole('alert')).toHaveTextContent('Episode is empty: choose one');
    expect(screen.getByLabelText('Episode')).toHaveAttribute('placeholder', 'none');
  });

  it('asks nothing more once there is an episode', () => {
    show({ queryType: 'logs', episode: '$episode' });
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('says that an alert rule cannot judge a flame graph', () => {
    show({ queryType: 'flamegraph' }, CoreApp.UnifiedAlerting);
    expect(screen.getByRole('alert')).toHaveTextContent('choose measurements, hops or trends');
  });

  it('offers alert rules what they can judge', async () => {
    show({ queryType: 'trends' }, CoreApp.UnifiedAlerting);
    expect(screen.queryByRole('alert')).toBeNull();
    expect(Object.values(KINDS).filter((kind) => kind.alerts).map((kind) => kind.label)).toEqual(['Measurements', 'Hops', 'Trends']);
  });

  it('offers annotations no other kind', () => {
    const { onChange } = show({ queryType: 'findings' }, undefined, AnnotationEditor);
    expect(screen.queryByLabelText('Show')).toBeNull();
    expect(screen.queryByLabelText('Severity')).toBeNull();
    fireEvent.blur(screen.getByLabelText('Rows'), { target: { value: '20' } });
    expect(onChange).toHaveBeenCalledWith(expect.objectContaining({ queryType: 'annotations', limit: 20 }));
  });

  it('has no limit for what is no number', () => {
    const { onChange } = show({ queryType: 'findings' });
    fireEvent.blur(screen.getByLabelText('Rows'), { target: { value: '-1' } });
    expect(onChange).toHaveBeenCalledWith(expect.objectContaining({ limit: undefined }));
  });
});

describe('optionsOf', () => {
  it('asks the sidecar, within the chosen cluster', async () => {
    const found = await optionsOf(datasource, { cluster: 'prod', job: '$job' }, 'category', 'PAY');
    expect(list).toHaveBeenLastCalledWith('categories', { cluster: 'prod', job: undefined });
    expect(found).toEqual([{ value: 'payments', label: 'payments' }]);
  });

  it('knows the severities', async () => {
    expect(await optionsOf(datasource, {}, 'severity', '')).toHaveLength(3);
  });

  it('offers nothing while the sidecar does not answer', async () => {
    list.mockRejectedValueOnce(new Error('gone'));
    expect(await optionsOf(datasource, {}, 'job', '')).toEqual([]);
  });
});
