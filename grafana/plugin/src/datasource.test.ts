import { DataQueryRequest, DataSourceInstanceSettings, ScopedVars } from '@grafana/data';
import { DataSourceWithBackend, setTemplateSrv, TemplateSrv } from '@grafana/runtime';
import { lastValueFrom, of } from 'rxjs';

import { DataSource } from './datasource';
import { FlinkOptions, FlinkQuery } from './types';

const variables: Record<string, string | string[]> = {
  job: 'orders, "quoted"',
  all: ['$__all'],
  several: ['a', 'b'],
  one: ['a'],
};

/** As Grafana's: a variable is replaced by what the format makes of its value. */
const templates = {
  replace: (text = '', _?: ScopedVars, format?: string | Function) =>
    text.replace(/\$(\w+)/g, (whole, name) => {
      const value = variables[name];
      return value === undefined ? whole : typeof format === 'function' ? format(value) : String(value);
    }),
} as unknown as TemplateSrv;

function opened() {
  setTemplateSrv(templates);
  return new DataSource({ uid: 'h', jsonData: {} } as DataSourceInstanceSettings<FlinkOptions>);
}

const asking = (query: Partial<FlinkQuery>) =>
  ({ targets: [{ refId: 'A', ...query }], scopedVars: {} }) as unknown as DataQueryRequest<FlinkQuery>;

describe('DataSource', () => {
  afterEach(() => jest.restoreAllMocks());

  it('puts values of variables into filters as they are', () => {
    const query: FlinkQuery = { refId: 'A', queryType: 'findings', job: '$job', cluster: 'prod', category: '$one' };
    expect(opened().applyTemplateVariables(query, {})).toEqual({
      ...query,
      job: 'orders, "quoted"',
      category: 'a',
    });
  });

  it('takes All as no filter', () => {
    expect(opened().applyTemplateVariables({ refId: 'A', job: '$all' }, {}).job).toBe('');
  });

  it('asks nothing while a filter has several values', async () => {
    const send = jest.spyOn(DataSourceWithBackend.prototype, 'query').mockReturnValue(of({ data: [] }));
    await expect(lastValueFrom(opened().query(asking({ job: '$several' })))).rejects.toThrow('Job has several values');
    expect(send).not.toHaveBeenCalled();
    await lastValueFrom(opened().query(asking({ job: '$one' })));
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('makes an annotation query of any target', () => {
    const prepared = opened().annotations?.prepareAnnotation?.({ name: 'Episodes', enable: true, iconColor: 'red' });
    expect(prepared?.target?.queryType).toBe('annotations');
  });

  it('offers lists as values of variables', async () => {
    const ds = opened();
    const get = jest.spyOn(ds, 'getResource').mockResolvedValue(['x']);
    expect(await ds.metricFindQuery('jobs')).toEqual([{ text: 'x' }]);
    expect(get).toHaveBeenLastCalledWith('jobs', {});
    await ds.metricFindQuery('jobs($one)');
    expect(get).toHaveBeenLastCalledWith('jobs', { cluster: 'a' });
    await expect(ds.metricFindQuery('secrets')).rejects.toThrow('there is no list');
  });
});
