// No dashboards yet.
{
  grafanaDashboards+:: {},
}
