import { CoreApp, DataQueryRequest, DataSourceInstanceSettings, ScopedVars } from '@grafana/data';
import { DataSourceWithBackend, setTemplateSrv, TemplateSrv } from '@grafana/runtime';
import { lastValueFrom, of } from 'rxjs';

import { DataSource } from './datasource';
import { FlinkOptions, FlinkQuery, KINDS, QueryType, VariableQuery } from './types';
import { Variables } from './variables';

interface Variable {
  options: string[];
  /** All is $__all. */
  value: string | string[];
  allValue?: string;
}

const options = ['a', 'b', 'c'];
const variables: Record<string, Variable> = {
  job: { options, value: 'orders, "quoted"' },
  all: { options, value: ['$__all'], allValue: '.+' },
  every: { options, value: ['$__all'] },
  several: { options, value: ['a', 'b'] },
  one: { options, value: ['a'] },
};

/** As Grafana's: a custom value for All is put in as it is, all else is formatted; All is then every option. */
const templates = {
  replace: (text = '', _?: ScopedVars, format?: string | Function) =>
    text.replace(/\$\{?(\w+)\}?/g, (whole, name) => {
      const variable = variables[name];
      if (!variable) {
        return whole;
      }
      const isAll = [variable.value].flat().includes('$__all');
      if (isAll && variable.allValue) {
        return variable.allValue;
      }
      const value = isAll ? variable.options : variable.value;
      return typeof format === 'function' ? format(value) : String(value);
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
    expect(opened().applyTemplateVariables({ refId: 'A', job: '$all', mode: '${all}' }, {})).toMatchObject({ job: '', mode: '' });
  });

  it('asks for several jobs', async () => {
    const query: FlinkQuery = { refId: 'A', job: '$several', cluster: '$every' };
    expect(opened().applyTemplateVariables(query, {})).toMatchObject({ job: '', jobs: ['a', 'b'], cluster: '', clusters: options });
    const send = jest.spyOn(DataSourceWithBackend.prototype, 'query').mockReturnValue(of({ data: [] }));
    await lastValueFrom(opened().query(asking(query)));
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('asks nothing while a filter has several values', async () => {
    const send = jest.spyOn(DataSourceWithBackend.prototype, 'query').mockReturnValue(of({ data: [] }));
    await expect(lastValueFrom(opened().query(asking({ mode: '$several' })))).rejects.toThrow('Mode has several values');
    expect(send).not.toHaveBeenCalled();
    await lastValueFrom(opened().query(asking({ mode: '$one', category: '$all' })));
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
    await ds.metricFindQuery('jobs($all)');
    expect(get).toHaveBeenLastCalledWith('jobs', {});
    expect(await ds.metricFindQuery('jobs($several)')).toEqual([{ text: 'x' }]);
    expect(get).toHaveBeenLastCalledWith('jobs', { cluster: 'b' });
    await ds.metricFindQuery('jobs($one)');
    expect(get).toHaveBeenLastCalledWith('jobs', { cluster: 'a' });
    await expect(ds.metricFindQuery('secrets')).rejects.toThrow('there is no list "secrets"');
    await expect(ds.metricFindQuery('jobs; drop')).rejects.toThrow('there is no list "jobs; drop"');
  });

  it('asks for the values of each chosen cluster and job', async () => {
    const ds = opened();
    const get = jest.spyOn(ds, 'getResource').mockImplementation(async (_, of) => [`${of?.cluster}/${of?.job}`, 'both']);
    const query: VariableQuery = { refId: 'Variable', list: 'episodes', cluster: '$several', job: '$job' };
    const found = await lastValueFrom(
      (ds.variables as Variables).query({ targets: [query], scopedVars: {} } as unknown as DataQueryRequest<VariableQuery>)
    );
    expect(found.data).toEqual([{ text: 'a/orders, "quoted"' }, { text: 'both' }, { text: 'b/orders, "quoted"' }]);
    get.mockClear();
    await ds.metricFindQuery({ ...query, list: 'jobs', cluster: '$all' });
    expect(get.mock.calls).toEqual([['jobs', {}]]);
  });

  it('sends no query that is not complete', () => {
    const ds = opened();
    for (const queryType of Object.keys(KINDS) as QueryType[]) {
      expect(ds.filterQuery({ refId: 'A', queryType })).toBe(queryType !== 'logs');
    }
    expect(ds.filterQuery({ refId: 'A', queryType: 'logs', episode: '$one' })).toBe(true);
    expect(ds.filterQuery({ refId: 'A' })).toBe(true);
  });

  it('begins an alert rule with numbers', () => {
    const ds = opened();
    expect(ds.getDefaultQuery(CoreApp.Explore).queryType).toBe('episodes');
    for (const app of [CoreApp.UnifiedAlerting, CoreApp.CloudAlerting]) {
      expect(KINDS[ds.getDefaultQuery(app).queryType!].alerts).toBe(true);
    }
  });
});
