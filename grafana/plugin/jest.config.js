// force timezone to UTC to allow tests to work regardless of local timezone
// generally used by snapshots, but can affect specific tests
process.env.TZ = 'UTC';

const scaffolded = require('./.config/jest.config');

module.exports = {
  // Jest configuration provided by Grafana scaffolding
  ...scaffolded,
  // Some packages have their modules as .mjs, which the scaffolding does not transform.
  transform: { '^.+\\.m?(t|j)sx?$': Object.values(scaffolded.transform)[0] },
};
