import { CustomVariableSupport, DataQueryRequest, MetricFindValue } from '@grafana/data';
import { from, map, Observable } from 'rxjs';

import { VariableEditor } from './components/VariableEditor';
import type { DataSource } from './datasource';
import { FlinkOptions, FlinkQuery, VariableQuery } from './types';

/** Queries of variables, with an editor of their own. */
export class Variables extends CustomVariableSupport<DataSource, VariableQuery, FlinkQuery, FlinkOptions> {
  editor = VariableEditor;

  constructor(private readonly datasource: DataSource) {
    super();
    this.query = this.query.bind(this); // Grafana calls it by itself
  }

  query(request: DataQueryRequest<VariableQuery>): Observable<{ data: MetricFindValue[] }> {
    const [target] = request.targets;
    return from(this.datasource.metricFindQuery(target, { scopedVars: request.scopedVars })).pipe(map((data) => ({ data })));
  }
}
