import {
  CoreApp,
  DataQueryRequest,
  DataQueryResponse,
  DataSourceInstanceSettings,
  MetricFindValue,
  ScopedVars,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { Observable, throwError } from 'rxjs';

import { DEFAULT_QUERY, Filter, FILTERS, FlinkOptions, FlinkQuery, Values } from './types';

const LISTS: Values[] = ['clusters', 'jobs', 'categories', 'modes', 'runs', 'episodes', 'profiles'];

export class DataSource extends DataSourceWithBackend<FlinkQuery, FlinkOptions> {
  constructor(settings: DataSourceInstanceSettings<FlinkOptions>) {
    super(settings);
    this.annotations = {
      prepareAnnotation: (annotation) => ({
        ...annotation,
        target: { refId: 'Anno', ...annotation.target, queryType: 'annotations' },
      }),
    };
  }

  getDefaultQuery(_: CoreApp): Partial<FlinkQuery> {
    return DEFAULT_QUERY;
  }

  query(request: DataQueryRequest<FlinkQuery>): Observable<DataQueryResponse> {
    const several = request.targets.flatMap((q) => ambiguous(q, request.scopedVars));
    if (several.length > 0) {
      return throwError(() => new Error(`${several[0]} has several values (choose one, or All)`));
    }
    return super.query(request);
  }

  /** Puts the values of variables into the filters. All is an empty filter. */
  applyTemplateVariables(query: FlinkQuery, scopedVars: ScopedVars): FlinkQuery {
    const applied: FlinkQuery = { ...query };
    for (const name of filterNames) {
      applied[name] = query[name] && valuesOf(query[name], scopedVars).join('');
    }
    return applied;
  }

  /** The values of a list, for the pickers of the editor. */
  list(values: Values, filters: { cluster?: string; job?: string } = {}): Promise<string[]> {
    return this.getResource(values, filters);
  }

  /** A variable's query is a list, as in jobs, or a list of one cluster, as in jobs($cluster). */
  async metricFindQuery(query: string, options?: { scopedVars?: ScopedVars }): Promise<MetricFindValue[]> {
    const match = /^\s*(\w+)\s*(?:\((.*)\))?\s*$/.exec(query ?? '');
    const values = LISTS.find((name) => name === match?.[1]);
    if (!values) {
      throw new Error(`there is no list "${query}" (there are: ${LISTS.join(', ')})`);
    }
    const cluster = match?.[2] ? valuesOf(match[2].trim(), options?.scopedVars ?? {}).join('') : '';
    return (await this.list(values, cluster ? { cluster } : {})).map((text) => ({ text }));
  }
}

const filterNames = Object.keys(FILTERS) as Filter[];

/** The values that a text stands for; none for All. */
function valuesOf(text: string, scopedVars: ScopedVars): string[] {
  let values: string[] = [];
  const replaced = getTemplateSrv().replace(text, scopedVars, (value: string | string[]) => {
    values = Array.isArray(value) ? value : [value];
    values = values.filter((v) => v !== '$__all' && v !== '.*' && v !== '.+');
    return values.length === 1 ? values[0] : '';
  });
  return values.length > 1 ? values : [replaced].filter((v) => v !== '');
}

/** The filters of a query that a variable gives several values. */
function ambiguous(query: FlinkQuery, scopedVars: ScopedVars): string[] {
  return filterNames
    .filter((name) => query[name] && valuesOf(query[name], scopedVars).length > 1)
    .map((name) => FILTERS[name].label);
}
