import { CoreApp, DataSourceJsonData } from '@grafana/data';
import { DataQuery } from '@grafana/schema';

/** The kinds of queries, as the backend knows them. */
export type QueryType =
  | 'episodes'
  | 'findings'
  | 'table'
  | 'measurements'
  | 'hops'
  | 'trends'
  | 'profiles'
  | 'records'
  | 'flamegraph'
  | 'diff'
  | 'nodegraph'
  | 'annotations'
  | 'logs';

/** A filter is a text; an empty one lets everything through. */
export type Filter = 'cluster' | 'job' | 'category' | 'severity' | 'mode' | 'run' | 'episode' | 'outcome' | 'seed' | 'hash' | 'other' | 'kind';

export interface FlinkQuery extends DataQuery, Partial<Record<Filter, string>> {
  queryType?: QueryType;
  /** Set in the place of cluster and job where several are chosen. */
  clusters?: string[];
  jobs?: string[];
  /** At most so many rows; empty is 1000. */
  limit?: number;
  /** At most so many frames of a flame graph; empty is 5000. */
  frames?: number;
}

export const DEFAULT_QUERY: Partial<FlinkQuery> = { queryType: 'episodes' };

/** What an alert rule begins with: it judges numbers. */
export const DEFAULT_ALERT_QUERY: Partial<FlinkQuery> = { queryType: 'measurements' };

/** The lists that the backend offers. */
export type Values = 'clusters' | 'jobs' | 'categories' | 'modes' | 'runs' | 'episodes' | 'profiles';

/** The query of a variable. */
export interface VariableQuery extends DataQuery {
  list?: Values;
  /** Only the values of these; empty is all. */
  cluster?: string;
  job?: string;
}

/** What the editor of variables shows for each list, and which filters the list takes. */
export const LISTS: Record<Values, { label: string; filters: Array<'cluster' | 'job'> }> = {
  clusters: { label: 'Clusters', filters: [] },
  jobs: { label: 'Jobs', filters: ['cluster'] },
  categories: { label: 'Categories of findings', filters: ['cluster', 'job'] },
  modes: { label: 'Profiling modes', filters: ['cluster', 'job'] },
  runs: { label: 'Runs of scale tests', filters: ['cluster', 'job'] },
  episodes: { label: 'Episodes', filters: ['cluster', 'job'] },
  profiles: { label: 'Profiles', filters: ['cluster', 'job'] },
};

interface Kind {
  label: string;
  description: string;
  filters: Filter[];
  rows: boolean;
  frames?: boolean;
  /** An alert rule can judge its numbers. */
  alerts?: boolean;
  /** The filter without which there is nothing to ask. */
  needs?: Filter;
}

/** What the editor shows for each kind of query. */
export const KINDS: Record<QueryType, Kind> = {
  episodes: { label: 'Episodes', description: 'Why the sidecar looked at a job, and what it found', filters: ['cluster', 'job'], rows: true },
  findings: { label: 'Findings', description: 'What to change, ranked', filters: ['cluster', 'job', 'category', 'severity'], rows: true },
  table: { label: 'What changed?', description: 'Changes of a run of scale tests', filters: ['cluster', 'job', 'run'], rows: false },
  measurements: { label: 'Measurements', description: 'Throughput and outcomes of synthetic records over time', filters: ['cluster', 'job', 'kind'], rows: true, alerts: true },
  hops: { label: 'Hops', description: 'Latency of synthetic records over time', filters: ['cluster', 'job', 'kind'], rows: true, alerts: true },
  trends: { label: 'Trends', description: 'Which limits are reached, and when', filters: ['cluster', 'job'], rows: false, alerts: true },
  profiles: { label: 'Profiles', description: 'Profiles that were taken', filters: ['cluster', 'job', 'mode'], rows: true },
  records: { label: 'Probe records', description: 'Synthetic records at each sink, and the profile nearest to them', filters: ['outcome', 'seed'], rows: true },
  flamegraph: { label: 'Flame graph', description: 'One profile; the newest if none is chosen', filters: ['cluster', 'job', 'mode', 'episode', 'seed', 'hash'], rows: false, frames: true },
  diff: { label: 'Diff', description: 'Two profiles; the newest and its control if none are chosen', filters: ['cluster', 'job', 'mode', 'episode', 'seed', 'hash', 'other'], rows: false, frames: true },
  nodegraph: { label: 'Node graph', description: 'The vertices of a job: how busy they are now', filters: ['cluster', 'job'], rows: true },
  annotations: { label: 'Annotations', description: 'Episodes as regions', filters: ['cluster', 'job'], rows: true },
  logs: { label: 'Log of an episode', description: 'What happened in one episode', filters: ['cluster', 'job', 'episode'], rows: false, needs: 'episode' },
};

/** Whether a query is that of an alert rule. */
export const isAlerting = (app?: CoreApp) => app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;

/** The filter that a query needs and does not have. */
export function lacks(query: FlinkQuery): Filter | undefined {
  const needs = query.queryType && KINDS[query.queryType]?.needs;
  return needs && !query[needs] ? needs : undefined;
}

interface FilterField {
  label: string;
  tooltip: string;
  /** The list that the picker shows; none for fixed words. */
  values?: Values;
  words?: string[];
}

export const FILTERS: Record<Filter, FilterField> = {
  cluster: { label: 'Cluster', tooltip: 'Empty is any', values: 'clusters' },
  job: { label: 'Job', tooltip: 'Name of the job; empty is any', values: 'jobs' },
  kind: { label: 'Kind', tooltip: 'A window of a minute, or a round of the probe; empty is any', words: ['window', 'round'] },
  category: { label: 'Category', tooltip: 'Empty is any', values: 'categories' },
  severity: { label: 'Severity', tooltip: 'Empty is any', words: ['info', 'warning', 'critical'] },
  mode: { label: 'Mode', tooltip: 'Profiling mode, for example ITIMER; empty is any', values: 'modes' },
  run: { label: 'Run', tooltip: 'Run of scale tests; empty is the newest', values: 'runs' },
  episode: { label: 'Episode', tooltip: 'Id of an episode; of a flame graph or diff, empty is the newest', values: 'episodes' },
  outcome: { label: 'Outcome', tooltip: 'At any sink; empty is any', words: ['not_sent', 'produce_failed', 'pending', 'on_time', 'late', 'lost'] },
  seed: { label: 'Seed', tooltip: 'Of a record of the probe, as exemplars have it: the profile nearest to the record' },
  hash: { label: 'Profile', tooltip: 'Hash of a profile; of a diff, the base', values: 'profiles' },
  other: { label: 'Compare with', tooltip: 'Hash of the other profile', values: 'profiles' },
};

export interface FlinkOptions extends DataSourceJsonData {
  /** Address of the sidecar's page as people reach it; empty is the URL. */
  externalUrl?: string;
  tlsSkipVerify?: boolean;
  tlsAuthWithCACert?: boolean;
  /** The plugin shows a certificate of its own. */
  tlsAuth?: boolean;
  /** The name that the sidecar's certificate must have; empty is that of the URL. */
  serverName?: string;
}

export interface FlinkSecrets {
  token?: string;
  tlsCACert?: string;
  tlsClientCert?: string;
  tlsClientKey?: string;
  basicAuthPassword?: string;
}
