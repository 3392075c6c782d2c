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

import { AnnotationEditor } from './components/AnnotationEditor';
import {
  DEFAULT_ALERT_QUERY,
  DEFAULT_QUERY,
  Filter,
  FILTERS,
  FlinkOptions,
  FlinkQuery,
  isAlerting,
  lacks,
  LISTS,
  Values,
  VariableQuery,
} from './types';
import { asVariableQuery } from './variableQuery';
import { Variables } from './variables';

export class DataSource extends DataSourceWithBackend<FlinkQuery, FlinkOptions> {
  constructor(settings: DataSourceInstanceSettings<FlinkOptions>) {
    super(settings);
    this.variables = new Variables(this);
    this.annotations = {
      QueryEditor: AnnotationEditor,
      prepareAnnotation: (annotation) => ({
        ...annotation,
        target: { refId: 'Anno', ...annotation.target, queryType: 'annotations' },
      }),
    };
  }

  getDefaultQuery(app: CoreApp): Partial<FlinkQuery> {
    return isAlerting(app) ? DEFAULT_ALERT_QUERY : DEFAULT_QUERY;
  }

  /** A query that is not complete is not sent: its editor says what it lacks. */
  filterQuery(query: FlinkQuery): boolean {
    return !lacks(query);
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

  /** The values of a variable: a list, of some clusters and jobs where the list takes them. */
  async metricFindQuery(query: VariableQuery | string, options?: { scopedVars?: ScopedVars }): Promise<MetricFindValue[]> {
    const { list, ...chosen } = asVariableQuery(query);
    if (!list || !LISTS[list]) {
      throw new Error(`there is no list "${list ?? query}" (there are: ${Object.keys(LISTS).join(', ')})`);
    }
    let filters: Array<{ cluster?: string; job?: string }> = [{}];
    for (const name of LISTS[list].filters) {
      const values = valuesOf(chosen[name], options?.scopedVars ?? {});
      if (values.length > 0) {
        filters = filters.flatMap((others) => values.map((value) => ({ ...others, [name]: value })));
      }
    }
    const found = await Promise.all(filters.map((of) => this.list(list, of)));
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
