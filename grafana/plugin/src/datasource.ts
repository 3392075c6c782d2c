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

  /** Puts the values of variables into the filters. All is an empty filter, several jobs are a list. */
  applyTemplateVariables(query: FlinkQuery, scopedVars: ScopedVars): FlinkQuery {
    const applied: FlinkQuery = { ...query };
    for (const name of filterNames) {
      const values = valuesOf(query[name], scopedVars);
      const list = lists[name];
      if (list && values.length > 1) {
        applied[list] = values;
        applied[name] = '';
      } else {
        applied[name] = query[name] && values.join('');
      }
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
    const clusters = valuesOf(match?.[2]?.trim(), options?.scopedVars ?? {});
    const found = clusters.length
      ? await Promise.all(clusters.map((cluster) => this.list(values, { cluster })))
      : [await this.list(values)];
    return [...new Set(found.flat())].map((text) => ({ text }));
  }
}

const filterNames = Object.keys(FILTERS) as Filter[];

/** The filters that may have several values, and where the backend wants these. */
const lists: Partial<Record<Filter, 'clusters' | 'jobs'>> = { cluster: 'clusters', job: 'jobs' };

/** What Grafana puts in the place of All: the custom value of a variable, which it formats by no function, or its own. */
const all = ['$__all', '.*', '.+'];

/** The values that a text stands for; none for All. */
function valuesOf(text: string | undefined, scopedVars: ScopedVars): string[] {
  let values: string[] = [];
  const replaced = getTemplateSrv().replace(text, scopedVars, (value: string | string[]) => {
    values = [value].flat();
    return values.length === 1 ? values[0] : '';
  });
  return (values.length > 1 ? values : [replaced]).filter((v) => v !== '' && !all.includes(v));
}

/** The filters of a query that a variable gives several values, and that take one. */
function ambiguous(query: FlinkQuery, scopedVars: ScopedVars): string[] {
  return filterNames
    .filter((name) => !lists[name] && valuesOf(query[name], scopedVars).length > 1)
    .map((name) => FILTERS[name].label);
}
