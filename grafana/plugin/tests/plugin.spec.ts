import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CDPSession, expect, Page, test } from '@playwright/test';

import { FlinkQuery } from '../src/types';
import { built, frames } from './setup';

const root = join(__dirname, '..');
const lists: Record<string, string[]> = {
  clusters: ['prod', 'test'],
  jobs: ['orders', 'payments "eu", ü'],
  modes: ['ITIMER', 'WALL'],
};

/** The file of the answer of the backend to a query. */
function answer(query: FlinkQuery): string {
  return query.hash ?? (query.job === 'another' ? 'no profile' : (query.queryType ?? ''));
}

/** Serves the page in the place of Grafana, and opens it. Errors in the page fail the test. */
async function open(page: Page, show: string, query: Partial<FlinkQuery> = {}) {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.route('**/*', async (route) => {
    const address = new URL(route.request().url()).pathname;
    const pathname = address === '/' ? '/index.html' : address;
    const resource = pathname.split('/resources/')[1];
    if (pathname === '/api/ds/query') {
      const [asked] = route.request().postDataJSON().queries;
      const frame = readFileSync(join(frames, `${answer(asked)}.json`), 'utf8');
      return route.fulfill({ contentType: 'application/json', body: `{"results":{"A":${frame}}}` });
    }
    if (resource) {
      return route.fulfill({ json: lists[resource] ?? [] });
    }
    const files = [
      join(built, pathname),
      join(root, 'tests', 'page', pathname),
      join(root, 'node_modules', '@grafana', 'ui', 'dist', pathname.replace('/build/', '/')),
    ];
    const path = files.find(existsSync);
    return path ? route.fulfill({ path }) : route.fulfill({ status: 404 });
  });
  await page.goto(`http://grafana.test/?show=${show}&query=${encodeURIComponent(JSON.stringify(query))}`);
  return faults;
}

/** Keeps a picture; with SCREENSHOTS=1 also as the one that the plugin shows of itself. */
async function picture(page: Page, name: string) {
  const folder = process.env.SCREENSHOTS ? join(root, 'src', 'img') : join(root, 'build', 'tests');
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

const drawn = (page: Page) => page.waitForFunction(() => window.drawn).then((handle) => handle.jsonValue());

test('the query editor', async ({ page }) => {
  await page.setViewportSize({ width: 1000, height: 420 });
  const faults = await open(page, 'query', { queryType: 'episodes', cluster: 'prod' });
  await page.getByLabel('Job').click();
  await expect(page.getByRole('option')).toHaveText(lists.jobs);
  await page.getByRole('option').nth(1).click();
  expect(await page.evaluate(() => window.edited)).toMatchObject({ cluster: 'prod', job: lists.jobs[1] });
  await page.getByLabel('Show').click();
  await expect(page.getByRole('option').first()).toContainText('Episodes');
  await picture(page, 'query-editor');
  expect(faults).toEqual([]);
});

test('the configuration editor', async ({ page }) => {
  await page.setViewportSize({ width: 820, height: 440 });
  const faults = await open(page, 'config');
  await page.getByLabel('Own CA certificate').check({ force: true });
  await page.getByLabel('CA certificate', { exact: true }).fill('-----BEGIN CERTIFICATE-----');
  expect(await page.evaluate(() => window.edited)).toMatchObject({ secureJsonData: { tlsCACert: '-----BEGIN CERTIFICATE-----' } });
  await picture(page, 'config-editor');
  expect(faults).toEqual([]);
});

test('a flame graph below its query', async ({ page }) => {
  const faults = await open(page, 'query&panel', { queryType: 'flamegraph', cluster: 'prod', job: 'orders' });
  expect((await drawn(page))!.frames).toBeGreaterThan(100);
  await expect(page.getByText('samples').first()).toBeVisible();
  await expect(page.getByText('PojoSerializer').first()).toBeVisible();
  await picture(page, 'flame-graph');
  expect(faults).toEqual([]);
});

test('the comparison of two profiles', async ({ page }) => {
  const faults = await open(page, 'query&panel', { queryType: 'diff', cluster: 'prod', job: 'orders' });
  await drawn(page);
  await expect(page.getByText('Baseline').first()).toBeVisible();
  await picture(page, 'diff');
  expect(faults).toEqual([]);
});

/** How many milliseconds the page's own thread has computed: other programs have no part in it. */
async function computed(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find((m) => m.name === 'TaskDuration')?.value ?? NaN);
}

/** Draws the largest flame graph in a new page: how long its thread computed, and the clock. */
async function drawLargest(page: Page) {
  const faults = await open(page, 'panel&wait', { queryType: 'flamegraph', hash: 'large', frames: 100_000 });
  await page.waitForFunction(() => window.draw);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await computed(session);
  await page.evaluate(() => window.draw!());
  const { frames, milliseconds } = (await drawn(page))!;
  const own = (await computed(session)) - before;
  console.log(`${frames} frames: ${Math.round(own)} ms of computing, ${Math.round(milliseconds)} ms of the clock`);
  expect(frames).toBeGreaterThan(50_000);
  expect(faults).toEqual([]);
  return { own, clock: milliseconds };
}

/** FIGURES names a file for the times of several runs, which make plugin-figures reads. */
const figures = process.env.FIGURES;

test('50,000 frames are drawn within a second', async ({ page, context }) => {
  test.setTimeout(figures ? 900_000 : 120_000);
  const times = [await drawLargest(page)];
  expect(times[0].own).toBeLessThan(1000);
  for (let i = 0; figures && i < 4; i++) {
    const fresh = await context.newPage();
    times.push(await drawLargest(fresh));
    await fresh.close();
  }
  if (figures) {
    const drawn = { Computed: times.map(({ own }) => own), Passed: times.map(({ clock }) => clock) };
    writeFileSync(figures, JSON.stringify({ drawn }));
  }
});

for (const [name, query, says] of [
  ['a profile without samples', { hash: 'empty' }, '0 samples'],
  ['no profile', { job: 'another' }, 'There is no profile in this time range.'],
] as const) {
  test(`${name} does not break the panel`, async ({ page }) => {
    const faults = await open(page, 'panel', { queryType: 'flamegraph', ...query });
    await expect(page.getByText(says).first()).toBeVisible();
    await expect(page.locator('canvas')).toBeVisible();
    expect(faults).toEqual([]);
  });
}
