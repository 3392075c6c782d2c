import { DataSourcePlugin } from '@grafana/data';

import { ConfigEditor } from './components/ConfigEditor';
import { QueryEditor } from './components/QueryEditor';
import { DataSource } from './datasource';
import { FlinkOptions, FlinkQuery, FlinkSecrets } from './types';

export const plugin = new DataSourcePlugin<DataSource, FlinkQuery, FlinkOptions, FlinkSecrets>(DataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
