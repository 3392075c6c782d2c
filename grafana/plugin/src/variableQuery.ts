import { Values, VariableQuery } from './types';

/** What a new variable lists. */
const DEFAULT: VariableQuery = { refId: 'Variable', list: 'jobs' };

/** A text is a list, as in jobs, or a list of one cluster, as in jobs($cluster): dashboards in files have it. */
export function asVariableQuery(query: VariableQuery | string | undefined): VariableQuery {
  if (typeof query !== 'string') {
    return { ...DEFAULT, ...query }; // that of another data source has no list
  }
  const [, list, cluster] = /^\s*(\w+)\s*(?:\((.*)\))?\s*$/.exec(query) ?? [];
  return query.trim() === '' ? DEFAULT : { ...DEFAULT, list: list as Values | undefined, cluster: cluster?.trim() };
}
