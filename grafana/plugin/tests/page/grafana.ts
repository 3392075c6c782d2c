import { DataSourceInstanceSettings, PluginMeta } from '@grafana/data';
import { BackendSrv, BackendSrvRequest, setBackendSrv, setDataSourceSrv, setTemplateSrv, TemplateSrv } from '@grafana/runtime';
import { from } from 'rxjs';

import { DataSource } from '../../src/datasource';
import { FlinkOptions } from '../../src/types';

/** What Grafana knows of the data source. */
export const settings = {
  id: 1,
  uid: 'history',
  type: 'flinksidecar-history-datasource',
  name: 'Flink history',
  access: 'proxy',
  url: '/api/datasources/proxy/1',
  readOnly: false,
  jsonData: { externalUrl: 'https://flink.example/' },
  meta: { id: 'flinksidecar-history-datasource', info: { version: '0.0.0' } } as PluginMeta,
} as DataSourceInstanceSettings<FlinkOptions>;

/** Asks whoever serves the page, as the frontend of Grafana asks its server. */
async function ask(request: BackendSrvRequest) {
  const query = new URLSearchParams(request.params).toString();
  const response = await fetch(request.url + (query ? `?${query}` : ''), {
    method: request.method ?? 'GET',
    body: request.data && JSON.stringify(request.data),
  });
  const data = await response.json();
  if (!response.ok) {
    throw { status: response.status, statusText: response.statusText, data, config: request };
  }
  return { data, status: response.status, ok: true, config: request };
}

/** Opens the data source with as much of Grafana around it as it needs. */
export function open(): DataSource {
  setBackendSrv({ fetch: (request: BackendSrvRequest) => from(ask(request)) } as unknown as BackendSrv);
  setTemplateSrv({ replace: (text = '') => text, getVariables: () => [] } as unknown as TemplateSrv);
  const datasource = new DataSource(settings);
  setDataSourceSrv({ getInstanceSettings: () => settings, get: async () => datasource, getList: () => [settings] } as never);
  return datasource;
}
